/**
 * Every case that diagnosis is held to: what is in the path, and what must be said of it. What each
 * really does to a stream is held by test/timing/diagnosis-cases.test.ts, with its own client.
 */
import type { MockOptions } from '../../../mock-server/index.ts';
import type { VerdictKind } from '../../../src/diagnose/diagnosis.ts';
import { makeCase, type CaseParts, type DiagnosisCase, type Expected } from './case.ts';

/** 80 tokens in 1.6 s, about 18 kB of events of about 220 bytes. */
const model: MockOptions = { ttft: '60ms', itl: '20ms', tokens: 80, seed: '7' };
const mock = { mock: model };
const mockWith = (options: MockOptions): CaseParts['source'] => ({
  mock: { ...model, ...options },
});
/** The same from an origin that knows nothing of us. */
const events = (query = ''): CaseParts['source'] => ({
  events: `tokens=80&bytes=220&vary=0.4&gap=20&first=60${query === '' ? '' : `&${query}`}`,
});

const version10 = 'proxy_http_version 1.0;';
const version11 = ['proxy_http_version 1.1;', 'proxy_set_header Connection "";'];
const gzipped = ['gzip on;', 'gzip_types text/event-stream;'];

const nginxFix = /X-Accel-Buffering: no|proxy_buffering off|proxy_http_version 1\.1/i;
const bySize = (from: number, to = from): Expected => ({
  kinds: ['buffered_by_size'],
  sizeBytes: [from * 0.95, to * 1.05],
});
const nginxBySize = (from: number, to = from): Expected => ({
  ...bySize(from, to),
  components: ['nginx'],
  fix: nginxFix,
});
/** A page, less what the head takes of the first one. */
const page = nginxBySize(4096);
const streams: Expected = { kinds: ['streams'] };
const only = (...kinds: [VerdictKind, ...VerdictKind[]]): Expected => ({ kinds });

/** A whole nginx configuration, for what does not fit into `location`. */
const nginxConfig = (parts: { listen?: string; http?: string[]; location: string[] }): string => `
daemon off;
master_process off;
pid {{dir}}/nginx.pid;
error_log stderr error;
events {}
http {
  access_log off;
  client_body_temp_path {{dir}}/body;
  proxy_temp_path {{dir}}/proxy;
  fastcgi_temp_path {{dir}}/fastcgi;
  uwsgi_temp_path {{dir}}/uwsgi;
  scgi_temp_path {{dir}}/scgi;
  ${(parts.http ?? []).join('\n  ')}
  server {
    listen 127.0.0.1:{{port}} ${parts.listen ?? ''};
    location / {
      proxy_pass http://{{target}};
      ${parts.location.join('\n      ')}
    }
  }
}
`;
const https = (...location: string[]): string =>
  nginxConfig({
    listen: 'ssl http2',
    http: ['ssl_certificate {{tls}}/cert.pem;', 'ssl_certificate_key {{tls}}/key.pem;'],
    location: [version10, ...location],
  });
const cached = nginxConfig({
  http: ['proxy_cache_path {{dir}}/cache keys_zone=one:1m;'],
  location: [
    version10,
    'proxy_cache one;',
    'proxy_cache_valid 200 1m;',
    'proxy_ignore_headers Cache-Control Expires;',
  ],
});

type NginxParts = Partial<CaseParts> & { settings?: string[]; config?: string; https?: boolean };

function nginx(name: string, expected: Expected, parts: NginxParts = {}): DiagnosisCase {
  const { settings, config, https, ...rest } = parts;
  return makeCase('nginx', name, expected, {
    source: mock,
    real: {
      kind: 'nginx',
      ...(config === undefined ? { settings: settings ?? [version10] } : { config }),
      ...(https ? { https } : {}),
    },
    ...rest,
  });
}

const noAccel = 'h.x-accel-buffering=no';
const tunedEvents = { events: 'tokens=140&bytes=2000&gap=20' };

const nginxCases: DiagnosisCase[] = [
  nginx('default', page),
  nginx('default', page, { alone: true }),
  nginx('default, plain events', page, { source: events() }),
  nginx('default, plain events', page, { source: events(), alone: true }),
  nginx('buffering off', streams, { settings: [version10, 'proxy_buffering off;'] }),
  nginx('buffering off', streams, {
    settings: [version10, 'proxy_buffering off;'],
    alone: true,
  }),
  nginx('HTTP/1.1 to the target', streams, {
    settings: version11,
    source: { events: 'tokens=80&bytes=220&gap=20' },
  }),
  nginx('HTTP/1.1 to the target, a first token after 600 ms', only('headers_withheld'), {
    settings: version11,
    source: { events: 'tokens=60&bytes=220&gap=20&first=600' },
  }),
  nginx('X-Accel-Buffering: no', streams, { source: events(noAccel) }),
  nginx('X-Accel-Buffering: no, ignored', page, {
    settings: [version10, 'proxy_ignore_headers X-Accel-Buffering;'],
    source: events(noAccel),
  }),
  nginx(
    'gzip for events, HTTP/1.1 to the target',
    {
      ...only('compressed_without_flush'),
      components: ['nginx'],
      fix: /gzip|X-Accel-Buffering|proxy_buffering off/,
    },
    { settings: [...version11, ...gzipped] },
  ),
  nginx(
    'gzip for events',
    {
      ...only('compressed_without_flush'),
      components: ['nginx'],
      fix: /gzip|X-Accel-Buffering|proxy_buffering off/,
    },
    { settings: [version10, ...gzipped] },
  ),
  nginx('gzip for events, buffering off', streams, {
    settings: [version10, 'proxy_buffering off;', ...gzipped],
  }),
  nginx('buffers of 1k', nginxBySize(1024), {
    settings: [version10, 'proxy_buffer_size 1k;', 'proxy_buffers 8 1k;'],
  }),
  nginx('buffers of 8k', nginxBySize(8192), {
    settings: [version10, 'proxy_buffer_size 8k;', 'proxy_buffers 8 8k;'],
    source: mockWith({ tokens: 160, itl: '15ms' }),
  }),
  nginx('buffers of 16k and 64k', nginxBySize(65_536), {
    settings: [
      version10,
      'proxy_buffer_size 16k;',
      'proxy_buffers 4 64k;',
      'proxy_busy_buffers_size 128k;',
    ],
    source: tunedEvents,
  }),
  nginx('cache', page, { config: cached }),
  nginx('cache, cacheable', page, { config: cached, source: events() }),
  nginx(
    'a short answer',
    {
      kinds: ['buffered_by_size', 'stored_and_forwarded'],
      components: ['nginx'],
      fix: nginxFix,
    },
    { source: { events: 'tokens=14&bytes=200&gap=80' } },
  ),
  nginx(
    'a short answer of a chat',
    {
      kinds: ['buffered_by_size', 'stored_and_forwarded'],
      components: ['nginx'],
      fix: nginxFix,
    },
    { source: mockWith({ tokens: 10, itl: '80ms' }) },
  ),
  // Over HTTP/1.1, nginx sends TLS records of 16 KiB (ssl_buffer_size), and pages over HTTP/2.
  nginx('HTTP/2 and TLS', nginxBySize(4096, 16_384), { config: https(), https: true }),
  nginx('HTTP/2 and TLS, buffering off', streams, {
    config: https('proxy_buffering off;'),
    https: true,
  }),
  nginx(
    'read timeout of 2 s',
    {
      kinds: ['cut_when_idle'],
      limitMs: [1700, 2300],
      components: ['nginx'],
      fix: /proxy_read_timeout/,
    },
    {
      settings: [version10, 'proxy_buffering off;', 'proxy_read_timeout 2s;'],
      source: { events: 'tokens=40&bytes=220&gap=20&pause=30:2800' },
    },
  ),
];

const caddyEncoding = (setting: string): string => `{
  admin off
  auto_https off
  grace_period 100ms
}
http://127.0.0.1:{{port}} {
  bind 127.0.0.1
  encode {
    gzip
    ${setting}
    match header Content-Type text/event-stream*
  }
  reverse_proxy {{target}}
}
`;

const haproxyTimed: Expected = {
  kinds: ['buffered_by_time'],
  periodMs: [180, 240],
  components: ['haproxy'],
  fix: /http-no-delay/,
};

const otherPrograms: DiagnosisCase[] = [
  makeCase('HAProxy', 'default', haproxyTimed, { source: mock, real: { kind: 'haproxy' } }),
  makeCase('HAProxy', 'default', haproxyTimed, {
    source: mock,
    real: { kind: 'haproxy' },
    alone: true,
  }),
  makeCase('HAProxy', 'default, plain events', haproxyTimed, {
    source: events(),
    real: { kind: 'haproxy' },
  }),
  makeCase('HAProxy', 'http-no-delay', streams, {
    source: mock,
    real: { kind: 'haproxy', settings: ['option http-no-delay'] },
  }),
  makeCase('HAProxy', 'compression', haproxyTimed, {
    source: mock,
    real: {
      kind: 'haproxy',
      settings: ['compression algo gzip', 'compression type text/event-stream'],
    },
  }),
  // Its compressor keeps the last event until the next one: either name is right.
  makeCase(
    'HAProxy',
    'compression, http-no-delay',
    only('one_event_late', 'compressed_without_flush'),
    {
      source: events('random=1'),
      real: {
        kind: 'haproxy',
        settings: [
          'option http-no-delay',
          'compression algo gzip',
          'compression type text/event-stream',
        ],
      },
    },
  ),
  makeCase('Apache', 'default', streams, { source: mock, real: { kind: 'apache' } }),
  makeCase('Apache', 'mod_deflate', streams, {
    source: mock,
    real: { kind: 'apache', settings: ['SetOutputFilter DEFLATE'] },
  }),
  makeCase('Caddy', 'default', streams, { source: mock, real: { kind: 'caddy' } }),
  makeCase('Caddy', 'encode gzip', streams, {
    source: mock,
    real: { kind: 'caddy', config: caddyEncoding('') },
  }),
  // By default Caddy compresses nothing whose first bytes are fewer than 512.
  makeCase(
    'Caddy',
    'encode gzip, events of 600 bytes',
    {
      ...only('compressed_without_flush'),
      components: ['caddy'],
      fix: /encode|match|no-transform/,
    },
    {
      source: { events: 'tokens=80&bytes=600&gap=20&first=60' },
      real: { kind: 'caddy', config: caddyEncoding('') },
    },
  ),
  makeCase(
    'Caddy',
    'encode gzip from the first byte',
    {
      ...only('compressed_without_flush'),
      components: ['caddy'],
      fix: /encode|match|no-transform/,
    },
    { source: mock, real: { kind: 'caddy', config: caddyEncoding('minimum_length 1') } },
  ),
  makeCase('Varnish', 'default', streams, { source: mock, real: { kind: 'varnish' } }),
  makeCase(
    'Varnish',
    'do_stream off',
    { ...only('stored_and_forwarded'), components: ['varnish'], fix: /do_stream/ },
    { source: mock, real: { kind: 'varnish', settings: ['set beresp.do_stream = false;'] } },
  ),
  makeCase(
    'Varnish',
    'do_gzip',
    { ...only('compressed_without_flush'), components: ['varnish'], fix: /do_gzip/ },
    { source: mock, real: { kind: 'varnish', settings: ['set beresp.do_gzip = true;'] } },
  ),
];

const query = 'tokens=80&bytes=220&vary=0.4&gap=20&first=60';
const express: DiagnosisCase[] = [
  makeCase('Express', 'plain', streams, { source: { express: 'plain', query }, alone: true }),
  makeCase(
    'Express',
    'compression()',
    {
      ...only('compressed_without_flush'),
      components: ['express'],
      fix: /flush|no-transform|filter/,
    },
    { source: { express: 'compressed', query }, direct: `/plain?${query}` },
  ),
  makeCase(
    'Express',
    'compression()',
    {
      ...only('compressed_without_flush'),
      components: ['express'],
      fix: /flush|no-transform|filter/,
    },
    { source: { express: 'compressed', query }, alone: true },
  ),
  makeCase('Express', 'compression() and flush', streams, {
    source: { express: 'flushed', query },
    direct: `/plain?${query}`,
  }),
  makeCase('Express', 'compression() and no-transform', streams, {
    source: { express: 'compressed', query: `${query}&h.cache-control=no-transform` },
    direct: `/plain?${query}`,
  }),
];

function simulated(
  name: string,
  settings: NonNullable<CaseParts['simulated']>,
  expected: Expected,
  parts: Partial<CaseParts> = {},
): DiagnosisCase {
  return makeCase('simulated', name, expected, { source: mock, simulated: settings, ...parts });
}

const byTime = (ms: number): Expected => ({
  kinds: ['buffered_by_time'],
  periodMs: [ms * 0.85, ms * 1.25],
});

const simulatedCases: DiagnosisCase[] = [
  simulated('nginx', { kind: 'nginx' }, page),
  simulated(
    'nginx, HTTP/1.1 to the target, Nagle at 50 ms',
    { kind: 'nginx', http_version: '1.1', rtt: '50ms' },
    { kinds: ['paced_by_round_trip'], periodMs: [40, 70], components: ['nginx'] },
    { path: { network: { rtt: '50ms' } } },
  ),
  simulated(
    'nginx, gzip, HTTP/1.1 to the target',
    { kind: 'nginx', gzip: 'on', http_version: '1.1' },
    { ...only('compressed_without_flush'), components: ['nginx'], fix: /gzip|X-Accel-Buffering/ },
  ),
  simulated('haproxy', { kind: 'haproxy' }, haproxyTimed),
  simulated('gzip-hold', { kind: 'gzip-hold' }, only('compressed_without_flush')),
  simulated('store-and-forward', { kind: 'store-and-forward' }, only('stored_and_forwarded')),
  simulated('size of 2 KiB', { kind: 'size', bytes: '2KiB' }, bySize(2048)),
  simulated('size of 8 KiB, plain events', { kind: 'size', bytes: '8KiB' }, bySize(8192), {
    source: { events: 'tokens=110&bytes=400&gap=20' },
  }),
  simulated(
    'size of 8 KiB, headers early',
    { kind: 'size', bytes: '8KiB', headers: 'early' },
    bySize(8192),
    { source: { events: 'tokens=110&bytes=400&gap=20' } },
  ),
  simulated('interval of 100 ms', { kind: 'interval', period: '100ms' }, byTime(100)),
  simulated('interval of 500 ms', { kind: 'interval', period: '500ms' }, byTime(500), {
    source: mockWith({ tokens: 140 }),
  }),
  simulated('interval of 1 s', { kind: 'interval', period: '1s' }, byTime(1000), {
    source: mockWith({ tokens: 240 }),
  }),
  simulated(
    'count of 10',
    { kind: 'count', events: 10 },
    only('buffered_by_size', 'buffered_by_time'),
  ),
  simulated('header-hold', { kind: 'header-hold' }, only('headers_withheld'), {
    source: { events: 'tokens=60&bytes=220&gap=20&first=600' },
  }),
  simulated('one-token-lag', { kind: 'one-token-lag' }, only('one_event_late'), {
    source: mockWith({ itl: '40ms', tokens: 50 }),
  }),
  makeCase(
    'simulated',
    'cut after 1.5 s',
    { kinds: ['cut_at_total'], limitMs: [1300, 1700] },
    {
      source: { events: 'tokens=150&bytes=220&gap=20&cut=1500' },
      direct: '/stream?tokens=150&bytes=220&gap=20',
    },
  ),
  makeCase(
    'simulated',
    'cut when idle for 1 s',
    { kinds: ['cut_when_idle'], limitMs: [850, 1200] },
    {
      source: { events: 'tokens=40&bytes=220&gap=20&pause=30:2000' },
      path: { faults: [{ kind: 'disconnect', how: 'fin', after: { idle: '1s' } }] },
    },
  ),
];

const loss = { network: { rtt: '50ms', loss: '2%' } };
const jitter = { network: { rtt: '50ms', jitter: 'uniform(0ms, 50ms)' } };
const buffersNothing = { kind: 'nginx' as const, settings: [version10, 'proxy_buffering off;'] };
/** Without a proxy, loss shows as what it is or, where none fell on the stream, not at all. */
const lossy: Expected = { kinds: ['packet_loss', 'streams'] };

const clean = (
  name: string,
  expected: Expected,
  parts: Partial<CaseParts> & Pick<CaseParts, 'source'>,
): DiagnosisCase => makeCase('clean path', name, expected, parts);

const cleanCases: DiagnosisCase[] = [
  clean('the mock', streams, { source: mock, alone: true }),
  clean('plain events', streams, { source: events(), alone: true }),
  clean('2 % loss, round trip 50 ms', lossy, { source: mock, path: loss }),
  clean('2 % loss, round trip 50 ms', lossy, { source: mock, path: loss, alone: true }),
  clean('2 % loss through nginx, buffering off', lossy, {
    source: mock,
    real: buffersNothing,
    path: loss,
  }),
  clean('jitter of 50 ms', streams, { source: mock, path: jitter }),
  clean('jitter of 50 ms', streams, { source: mock, path: jitter, alone: true }),
  clean('jitter of 50 ms through nginx, buffering off', streams, {
    source: mock,
    real: buffersNothing,
    path: jitter,
  }),
  clean('round trip 150 ms', streams, {
    source: mock,
    path: { network: { rtt: '150ms' } },
    alone: true,
  }),
  clean('a model that pauses', streams, {
    source: mockWith({ stalls: { every: '300ms', length: '250ms' } }),
    alone: true,
  }),
  clean('a model that pauses, direct URL', streams, {
    source: mockWith({ stalls: { every: '300ms', length: '250ms' } }),
    real: buffersNothing,
  }),
  clean('a model that sends 8 tokens in an event', streams, {
    source: mockWith({ tokens: 160, tokens_per_event: 8, itl: '160ms' }),
    real: buffersNothing,
  }),
  clean('an irregular model', streams, {
    source: mockWith({ itl: 'gamma(20ms, 1.2)' }),
    alone: true,
  }),
  clean('a slow model', streams, {
    source: mockWith({ ttft: '800ms', itl: '250ms', tokens: 10 }),
    alone: true,
  }),
  clean('500 tokens a second', streams, {
    source: mockWith({ itl: '2ms', tokens: 600 }),
    alone: true,
  }),
  clean('500 tokens a second through nginx, buffering off', streams, {
    source: mockWith({ itl: '2ms', tokens: 600 }),
    real: buffersNothing,
  }),
];

export const diagnosisCases: readonly DiagnosisCase[] = [
  ...nginxCases,
  ...otherPrograms,
  ...express,
  ...simulatedCases,
  ...cleanCases,
];
