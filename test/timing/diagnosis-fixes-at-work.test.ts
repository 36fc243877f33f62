/**
 * Fixes at work: the installed program holds a stream back, then gets the lines of the fix, and passes it on.
 * Judged by how many bursts 40 events in 800 ms come in, with bounds that a busy machine keeps.
 */
import * as http from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ComponentId, VerdictKind } from '../../src/diagnose/diagnosis.ts';
import { fixesFor } from '../../src/diagnose/fixes/index.ts';
import { whyMissing, type RealKindName } from '../../src/proxy/real/registry.ts';
import { startRealProxy } from '../../src/proxy/real/start.ts';
import { verdictSamples } from '../helpers/sample-diagnosis.ts';

const count = 40;
const everyMs = 20;
let server: http.Server;
let port: number;

beforeAll(async () => {
  server = http.createServer((_, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    let sent = 0;
    const timer = setInterval(() => {
      sent += 1;
      response.write(`data: ${String(sent).padStart(190, '0')}\n\n`);
      if (sent < count) return;
      clearInterval(timer);
      response.end();
    }, everyMs);
    response.on('close', () => clearInterval(timer));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  port = (server.address() as AddressInfo).port;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

/** Groups of reads that are at least half an interval apart. */
function burstsThrough(proxyPort: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const headers = { 'accept-encoding': 'gzip' };
    const request = http.get({ host: '127.0.0.1', port: proxyPort, headers }, (response) => {
      let bursts = 0;
      let last = Number.NEGATIVE_INFINITY;
      response.on('data', () => {
        const now = performance.now();
        if (now - last > everyMs / 2) bursts += 1;
        last = now;
      });
      response.on('end', () => resolve(bursts));
      response.on('error', reject);
    });
    request.on('error', reject);
  });
}

interface Case {
  kind: RealKindName;
  component: ComponentId;
  verdict: VerdictKind;
  /** Lines of the program that make it hold the stream back. */
  before: string[];
}

const cases: Case[] = [
  { kind: 'nginx', component: 'nginx', verdict: 'buffered_by_size', before: [] },
  {
    kind: 'nginx',
    component: 'nginx',
    verdict: 'compressed_without_flush',
    before: ['gzip_types text/event-stream;', 'proxy_http_version 1.1;'],
  },
  { kind: 'haproxy', component: 'haproxy', verdict: 'buffered_by_time', before: [] },
  {
    kind: 'varnish',
    component: 'varnish',
    verdict: 'stored_and_forwarded',
    before: ['set beresp.do_stream = false;'],
  },
];

/** nginx: `gzip` may stand once in a block, so the line of the fix replaces it. */
const withDefaults = ({ kind, verdict, before }: Case, fixed: readonly string[]): string[] => {
  const gzip = kind === 'nginx' && verdict === 'compressed_without_flush';
  const names = fixed.map((line) => line.trim().split(/[\s;]/)[0]);
  return [
    ...(gzip && !names.includes('gzip') ? ['gzip on;'] : []),
    ...before.filter((line) => !names.includes(line.split(/[\s;]/)[0])),
    ...fixed,
  ];
};

describe.each(cases)('$component: $verdict', (one) => {
  const { kind, component, verdict } = one;
  const missing = whyMissing(kind);
  if (missing) {
    it.skip(`skipped: ${missing}`, () => {});
    return;
  }
  const through = async (settings: string[]): Promise<number> => {
    const proxy = await startRealProxy({ kind, settings, target: { host: '127.0.0.1', port } });
    try {
      return await burstsThrough(proxy.port);
    } finally {
      await proxy.close();
    }
  };
  const fixes = fixesFor({
    verdict: verdictSamples[verdict],
    suspects: [{ component, confidence: 'high', because: '' }],
  }).filter((fix) => fix.component === component);

  it('holds it back before', { timeout: 60_000 }, async () => {
    expect(await through(withDefaults(one, []))).toBeLessThanOrEqual(10);
  });

  it.each(fixes.map((fix) => [fix.title, fix] as const))(
    'and passes it on after: %s',
    { timeout: 60_000 },
    async (_, fix) => {
      const lines =
        kind === 'varnish'
          ? // Settings go into this sub already.
            fix.paste
              .split('\n')
              .slice(1, -1)
              .map((line) => line.trim())
          : fix.paste.split('\n').map((line) => line.trim());
      expect(await through(withDefaults(one, lines))).toBeGreaterThanOrEqual(20);
    },
  );
});
