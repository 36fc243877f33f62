/**
 * Simulated proxies compared with the real ones (all kinds but `count`, which no such program is known for), on the
 * same stream at the same time: 200 tokens of 200 bytes
 * every 20 ms. The bounds are those of a busy two-core machine, on which either side may be late:
 * counts within 25 % (or 2), bytes per batch within 10 % (or 64), delays within 15 % and 40 ms (median) or
 * 60 ms (80th percentile), the head within 15 % and 250 ms. The behaviours differ by factors of ten and more;
 * test/unit/proxy/measured.test.ts holds them exactly, on virtual time.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { whyMissing, type RealKindName } from '../../src/proxy/real/registry.ts';
import { startRealProxy, type RealProxy } from '../../src/proxy/real/start.ts';
import type { ProxySettings } from '../../src/proxy/registry.ts';
import { startBufferingProxy, type BufferingProxy } from '../../src/proxy/server.ts';
import { measured } from '../helpers/measured.ts';
import {
  observe,
  tokenOrigin,
  type Observed,
  type OriginShape,
  type TokenOrigin,
} from '../helpers/token-origin.ts';

interface Pair {
  name: string;
  real: RealKindName;
  settings: string[];
  simulated: ProxySettings;
  shape?: Partial<OriginShape>;
  gzip?: boolean;
}

const version10 = 'proxy_http_version 1.0;';
const version11 = 'proxy_http_version 1.1;';
const gzipped = ['gzip on;', 'gzip_types *;'];
const noBuffering = { headers: { 'x-accel-buffering': 'no' } };
const pairs: Pair[] = [
  {
    name: 'nginx, HTTP/1.0 to the target',
    real: 'nginx',
    settings: [version10],
    simulated: { kind: 'nginx' },
  },
  {
    name: 'nginx, HTTP/1.1 to the target',
    real: 'nginx',
    settings: [version11, 'proxy_set_header Connection "";'],
    simulated: { kind: 'nginx', http_version: '1.1' },
  },
  {
    name: 'nginx, buffering off',
    real: 'nginx',
    settings: [version10, 'proxy_buffering off;'],
    simulated: { kind: 'nginx', buffering: 'off' },
  },
  {
    name: 'nginx, X-Accel-Buffering: no',
    real: 'nginx',
    settings: [version10],
    simulated: { kind: 'nginx' },
    shape: noBuffering,
  },
  {
    name: 'nginx, X-Accel-Buffering ignored',
    real: 'nginx',
    settings: [version10, 'proxy_ignore_headers X-Accel-Buffering;'],
    simulated: { kind: 'nginx', ignore_x_accel_buffering: true },
    shape: noBuffering,
  },
  {
    name: 'nginx, gzip',
    real: 'nginx',
    settings: [version10, ...gzipped],
    simulated: { kind: 'nginx', gzip: 'on' },
    gzip: true,
  },
  {
    name: 'nginx, gzip, random text',
    real: 'nginx',
    settings: [version10, ...gzipped],
    simulated: { kind: 'nginx', gzip: 'on' },
    shape: { random: true },
    gzip: true,
  },
  {
    name: 'nginx, gzip, X-Accel-Buffering: no',
    real: 'nginx',
    settings: [version10, ...gzipped],
    simulated: { kind: 'nginx', gzip: 'on' },
    shape: noBuffering,
    gzip: true,
  },
  {
    name: 'nginx, buffers of 16k',
    real: 'nginx',
    settings: [version10, 'proxy_buffer_size 16k;', 'proxy_buffers 8 16k;'],
    simulated: { kind: 'nginx', buffer_size: '16KiB', buffers_size: '16KiB' },
  },
  {
    name: 'nginx, tokens of 60 bytes',
    real: 'nginx',
    settings: [version10],
    simulated: { kind: 'nginx' },
    shape: { tokenBytes: 60 },
  },
  { name: 'HAProxy', real: 'haproxy', settings: [], simulated: { kind: 'haproxy' } },
  {
    name: 'HAProxy, tokens of 2000 bytes',
    real: 'haproxy',
    settings: [],
    simulated: { kind: 'haproxy' },
    shape: { tokenBytes: 2000 },
  },
  {
    name: 'HAProxy, http-no-delay',
    real: 'haproxy',
    settings: ['option http-no-delay'],
    simulated: { kind: 'haproxy', no_delay: 'on' },
  },
  {
    name: 'Apache',
    real: 'apache',
    settings: [],
    simulated: { kind: 'nginx', buffering: 'off' },
  },
  {
    name: 'Apache, mod_deflate',
    real: 'apache',
    settings: ['SetOutputFilter DEFLATE'],
    simulated: { kind: 'nginx', buffering: 'off', gzip: 'on' },
    gzip: true,
  },
  {
    name: 'Caddy',
    real: 'caddy',
    settings: [],
    simulated: { kind: 'nginx', buffering: 'off' },
  },
  {
    name: 'Varnish',
    real: 'varnish',
    settings: [],
    simulated: { kind: 'nginx', buffering: 'off' },
  },
  {
    name: 'Varnish, do_stream off',
    real: 'varnish',
    settings: ['set beresp.do_stream = false;'],
    simulated: { kind: 'store-and-forward' },
  },
  {
    name: 'nginx, buffers of 8k, compared with a plain buffer',
    real: 'nginx',
    settings: [version10, 'proxy_buffer_size 8k;', 'proxy_buffers 8 8k;'],
    simulated: { kind: 'size', bytes: '8KiB' },
  },
  {
    name: 'Caddy, flush_interval of what it does not know as a stream',
    real: 'caddy',
    settings: ['flush_interval 100ms'],
    simulated: { kind: 'interval', period: '100ms' },
    // A body of unknown length it takes for a stream.
    shape: { headers: { 'content-type': 'text/plain', 'content-length': '40000' } },
  },
  {
    name: 'nginx, HTTP/1.1 to the target, a head without a token',
    real: 'nginx',
    settings: [version11, 'proxy_set_header Connection "";'],
    simulated: { kind: 'header-hold' },
    shape: { firstMs: 600 },
  },
  {
    name: 'nginx, HTTP/1.1 to the target, chunks in two reads',
    real: 'nginx',
    settings: [version11, 'proxy_set_header Connection "";'],
    simulated: { kind: 'one-token-lag' },
    shape: { split: true },
  },
  {
    name: 'Varnish, do_gzip',
    real: 'varnish',
    settings: ['set beresp.do_gzip = true;'],
    simulated: { kind: 'gzip-hold' },
    gzip: true,
  },
];

const shapeOf = ({ shape }: Pair): OriginShape => ({
  tokens: 200,
  tokenBytes: 200,
  gapMs: 20,
  ...shape,
});
const runnable = pairs.filter(({ real }) => !whyMissing(real));
type Both = { real: Observed; simulated: Observed };
const running = new Map<Pair, { real: RealProxy; simulated: BufferingProxy }>();
const results = new Map<Pair, Both>();
/** What is streamed where; each path is asked for once. */
const shapes: Record<string, OriginShape> = {};
let origin: TokenOrigin;

/** The same stream through both at the same time. */
async function lookAt(pair: Pair, attempt = 1): Promise<Both> {
  const look = (where: 'real' | 'simulated'): Promise<Observed> => {
    const path = `/${where}/${runnable.indexOf(pair)}/${attempt}`;
    const shape = (shapes[path] = shapeOf(pair));
    const { port } = running.get(pair)![where];
    return observe(port, path, origin, shape.tokenBytes, pair.gzip ?? false);
  };
  const [real, simulated] = await Promise.all([look('real'), look('simulated')]);
  return { real, simulated };
}

beforeAll(async () => {
  origin = await tokenOrigin(shapes);
  const target = { host: '127.0.0.1', port: origin.port };
  // All are up before the first stream: starting one costs time that the others would show.
  await Promise.all(
    runnable.map(async (pair) =>
      running.set(pair, {
        real: await startRealProxy({ kind: pair.real, settings: pair.settings, target }),
        simulated: await startBufferingProxy({ ...pair.simulated, target }),
      }),
    ),
  );
  await Promise.all(
    runnable.map(async (pair, i) => {
      // A little apart, so that not every token of every stream is sent in one turn of the loop.
      await new Promise((resolve) => setTimeout(resolve, (i * 20) / runnable.length));
      results.set(pair, await lookAt(pair));
    }),
  );
});
afterAll(async () => {
  const all = [...running.values()];
  await Promise.all(all.flatMap(({ real, simulated }) => [real.close(), simulated.close()]));
  origin.close();
});

function near(what: string, simulated: number, real: number, share: number, slack: number): void {
  expect(
    Math.abs(simulated - real),
    `${what}: simulated ${simulated}, real ${real}`,
  ).toBeLessThanOrEqual(real * share + slack);
}

describe.each(pairs)('$name', (pair) => {
  const missing = whyMissing(pair.real);
  const title = `simulated and real agree${missing ? ` (skipped: ${missing})` : ''}`;
  it.skipIf(missing)(title, async ({ task }) => {
    const together = results.get(pair)!;
    const { real, simulated } = await measured(task, together, (attempt) => lookAt(pair, attempt));
    expect(simulated.complete).toBe(true);
    expect([real.tokens, simulated.tokens]).toEqual([200, 200]);
    near('batches', simulated.batches, real.batches, 0.25, 2);
    near('tokens per batch', simulated.tokensPerBatch, real.tokensPerBatch, 0.1, 1);
    near('bytes per batch', simulated.bytesPerBatch, real.bytesPerBatch, 0.1, 64);
    near('head', simulated.headMs, real.headMs, 0.15, 250);
    near('delay p50', simulated.delayP50, real.delayP50, 0.15, 40);
    near('delay p80', simulated.delayP80, real.delayP80, 0.15, 60);
    for (const name of [
      'content-encoding',
      'content-length',
      'x-accel-buffering',
      'content-type',
    ]) {
      expect(simulated.headers[name], name).toBe(real.headers[name]);
    }
  });
});
