/**
 * Clients that leave, through real proxies and the simulated ones compared with them: 150 tokens, one each 20 ms,
 * left after 50. What differs between the proxies is whether they close immediately, at the next write, after
 * HAProxy's 200 ms, or never; the bounds are wide enough for a busy two-core machine and far from each
 * other. The whole table, with more proxies and moments: `node scripts/cancellation-table.js`.
 */
import { afterAll, beforeAll, describe, expect, it, type TestContext } from 'vitest';
import { startMock, type MockServer } from '../../mock-server/index.ts';
import { dialectNamed } from '../../src/dialect/registry.ts';
import { whyMissing } from '../../src/proxy/real/registry.ts';
import { startRealProxy } from '../../src/proxy/real/start.ts';
import { startBufferingProxy } from '../../src/proxy/server.ts';
import { Session } from '../../src/session/session.ts';
import { ParkedConnections } from '../../src/transport/leaving.ts';
import { RealScheduler } from '../../src/timer/real-scheduler.ts';
import { openChannel } from '../../src/transport/registry.ts';
import {
  leaveOnce,
  moments,
  stream,
  type LeaveMeasured,
} from '../../scripts/cancellation/measure.js';
import { tableProxies } from '../../scripts/cancellation/proxies.js';
import { measured } from '../helpers/measured.ts';

const tokens = 150;
const parts = { Session, dialectNamed, RealScheduler, openChannel, ParkedConnections };
const hows = ['fin', 'rst', 'half_close'] as const;
type How = (typeof hows)[number];

/** What is expected of a proxy, by the way of leaving. */
type Expected = 'at_once' | 'at_write' | 'after_200ms' | 'to_the_end';
const expected: Record<string, Record<How, Expected>> = {
  straight: { fin: 'at_once', rst: 'at_once', half_close: 'at_once' },
  'nginx default (HTTP/1.0 upstream)': { fin: 'at_once', rst: 'at_once', half_close: 'at_once' },
  'nginx, HTTP/1.1 upstream': { fin: 'at_once', rst: 'at_once', half_close: 'at_once' },
  'nginx, buffering off': { fin: 'at_once', rst: 'at_once', half_close: 'at_once' },
  'nginx, HTTP/1.1, ignore_client_abort': {
    fin: 'at_write',
    rst: 'at_write',
    half_close: 'to_the_end',
  },
  'nginx, cacheable response': { fin: 'to_the_end', rst: 'to_the_end', half_close: 'to_the_end' },
  'HAProxy default': { fin: 'after_200ms', rst: 'at_once', half_close: 'to_the_end' },
};

/** A full buffer of nginx holds some 11 tokens that the client never gets. */
const buffered = 20;
function check(seen: LeaveMeasured, how: Expected): void {
  const text = JSON.stringify(seen);
  switch (how) {
    case 'at_once':
      expect(seen.latencyMs, text).toBeLessThan(150);
      expect(seen.wasted, text).toBeLessThan(buffered + 10);
      return;
    case 'at_write':
      // One or two gaps of 20 ms, and what the machine adds.
      expect(seen.latencyMs, text).toBeGreaterThan(5);
      expect(seen.latencyMs, text).toBeLessThan(400);
      expect(seen.wasted, text).toBeGreaterThan(0);
      return;
    case 'after_200ms':
      // Measured 229 ms and 12 tokens by the batch it left in; the batch held back adds up to 10 more.
      expect(seen.latencyMs, text).toBeGreaterThan(100);
      expect(seen.latencyMs, text).toBeLessThan(900);
      expect(seen.wasted, text).toBeGreaterThan(4);
      expect(seen.wasted, text).toBeLessThan(60);
      return;
    case 'to_the_end':
      expect(seen.produced, text).toBe(tokens);
      expect(seen.wasted, text).toBeGreaterThan(tokens - 50 - buffered);
  }
}

const proxies = tableProxies.filter(({ name }) => expected[name]);
const results = new Map<string, LeaveMeasured>();
/** Ports of the proxies by name; undefined: straight. */
const ports = new Map<string, number | undefined>([['straight', undefined]]);
const closers: (() => Promise<void>)[] = [];
let mock: MockServer;

/** @param attempt - names the stream, as the mock keeps those of earlier tries. */
function leave(name: string, how: How, attempt = 1): Promise<LeaveMeasured> {
  const asked = { baseUrl: mock.baseUrl, stops: () => Promise.resolve(mock.stops()) };
  return leaveOnce(parts, asked, {
    name: attempt === 1 ? `${name}/${how}` : `${name}/${how}/${attempt}`,
    port: ports.get(name),
    how,
    moment: moments['in mid-stream']!,
  });
}

/** Measures at a second try once more, alone. */
async function judge(task: TestContext['task'], path: string, how: How, expected: Expected) {
  const together = results.get(`${path}/${how}`)!;
  check(await measured(task, together, (attempt) => leave(path, how, attempt)), expected);
}

beforeAll(async () => {
  mock = await startMock({ ...stream, tokens });
  const target = { host: '127.0.0.1', port: mock.port };
  for (const { name, real, simulated } of proxies) {
    if (!whyMissing(real.kind)) {
      const proxy = await startRealProxy({ ...real, target });
      closers.push(() => proxy.close());
      ports.set(`real ${name}`, proxy.port);
    }
    const proxy = await startBufferingProxy({ ...simulated!, target });
    closers.push(() => proxy.close());
    ports.set(`simulated ${name}`, proxy.port);
  }
  // Each way of leaving after the other: fewer streams at once are later by less.
  for (const how of hows) {
    await Promise.all(
      [...ports.keys()].map(async (name, index) => {
        await new Promise((resolve) => setTimeout(resolve, index * 11));
        results.set(`${name}/${how}`, await leave(name, how));
      }),
    );
  }
});
afterAll(async () => {
  for (const close of closers) await close();
  await mock.close();
});

it.for(hows)('straight, %s', async (how, { task }) => {
  await judge(task, 'straight', how, expected['straight']![how]);
});

describe.each(proxies)('$name', ({ name, real }) => {
  const missing = whyMissing(real.kind);
  it.skipIf(missing).for(hows)(
    `the real one, %s${missing ? ` (skipped: ${missing})` : ''}`,
    async (how, { task }) => {
      await judge(task, `real ${name}`, how, expected[name]![how]);
    },
  );
  it.for(hows)('the simulated one, %s', async (how, { task }) => {
    await judge(task, `simulated ${name}`, how, expected[name]![how]);
  });
});
