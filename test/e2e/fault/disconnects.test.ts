/** Disconnects in scenarios and by the proxy command: what happens to the answer, by which client. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { startMock } from '../../../mock-server/index.ts';
import { runScenario, summarize } from '../../../src/index.ts';
import type { ScenarioInput } from '../../../src/scenario/schema.ts';
import { officialClient } from '../../helpers/official-client.ts';

type Arms = NonNullable<ScenarioInput['arms']>;
type Settings = Record<string, unknown>;

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

const disconnect = (settings: Settings) =>
  ({ faults: [{ kind: 'disconnect', ...settings }] }) as Arms[string];
/**
 * A client that gets no turn for 20 ms finds the RST together with the last bytes, and takes it for an
 * end. That it is a RST on the wire is held by test/unit/fault/relay/relay.test.ts.
 */
function foldResets(outcomes: Record<string, number>): Record<string, number> {
  const { reset = 0, truncated = 0, ...others } = outcomes;
  return { ...others, reset: reset + truncated };
}
const after20 = { after: { tokens: 20 } };

async function outcomes(arms: Arms) {
  const result = await runScenario({
    name: 'disconnects',
    target: 'mock',
    arms,
    load: { kind: 'closed', sessions: 4, iterations: 4, duration: '60s' },
    // A busy machine is not to look like a black hole, which sets a time of its arm.
    timeouts: { idle: '30s' },
    prompt: 'Hello',
    mock: { ttft: '20ms', itl: '3ms', tokens: 40, text: 'unicode' },
  });
  expect(result.warnings.filter(({ code }) => code === 'fault-never-fired')).toEqual([]);
  return Object.fromEntries(
    summarize(result).arms.map((arm) => [
      arm.name,
      {
        outcomes: JSON.stringify(arms[arm.name]).includes('"how":"rst"')
          ? foldResets(arm.outcomes)
          : arm.outcomes,
        fired: result.arms.find(({ name }) => name === arm.name)?.trials[0]!.faults[0]?.fired,
      },
    ]),
  );
}

describe('in a scenario', () => {
  it('each way of ending an SSE answer has its outcome', async () => {
    const seen = await outcomes({
      fin: disconnect({ how: 'fin', ...after20 }),
      rst: disconnect({ how: 'rst', ...after20 }),
      // The answer goes on until the mock learns of it: six seconds that a busy machine may be late.
      half: { ...disconnect({ how: 'half_close', ...after20 }), mock: { tokens: 2000 } },
      hole: {
        ...disconnect({ how: 'black_hole', ...after20 }),
        // Also from asking to the first token, which a busy machine must not take so long for.
        timeouts: { idle: '6s' },
      },
      chunk: disconnect({ how: 'cut_chunk', ...after20 }),
      final: disconnect({ how: 'no_final_chunk' }),
      headers: disconnect({ how: 'rst', before: 'headers' }),
      token: disconnect({ how: 'fin', before: 'first_token' }),
      character: disconnect({ how: 'fin', inside: 'utf8', ...after20 }),
      blank: disconnect({ how: 'fin', inside: 'blank_line', ...after20 }),
      last: disconnect({ how: 'fin', after: { last_token: true } }),
      event: disconnect({ how: 'fin', before: { event: '[DONE]' } }),
    });
    const all = (outcome: string) => ({ outcomes: { [outcome]: 4 }, fired: 4 });
    expect(seen).toEqual({
      fin: all('truncated'),
      rst: all('reset'),
      half: all('truncated'),
      hole: all('stalled'),
      chunk: all('truncated'),
      // The event that ends the answer is there; what is missing is after it.
      final: all('completed'),
      headers: all('reset'),
      token: all('truncated'),
      character: all('truncated'),
      blank: all('truncated'),
      last: all('truncated'),
      event: all('truncated'),
    });
  });

  it('HTTP/2 needs no more than http: 2: the relay looks into the mock’s TLS by itself', async () => {
    const h2 = (settings: Settings) => ({ http: 2 as const, ...disconnect(settings) });
    const seen = await outcomes({
      error: h2({ how: 'h2_reset', ...after20 }),
      cancel: h2({ how: 'h2_reset', code: 'CANCEL', ...after20 }),
      rst: h2({ how: 'rst', ...after20 }),
      bytes: h2({ how: 'rst', after: { bytes: '4KiB' } }),
    });
    expect(seen['error']).toEqual({ outcomes: { reset: 4 }, fired: 4 });
    // A client that trusts the end of a stream takes this for one.
    expect(seen['cancel']).toEqual({ outcomes: { truncated: 4 }, fired: 4 });
    expect(seen['rst']).toEqual({ outcomes: { reset: 4 }, fired: 4 });
    expect(seen['bytes']!.fired).toBe(4);
  });

  it('looks into the TLS of another target where TLS ends at the relay', async () => {
    const server = await startMock({ tls: true, ttft: '5ms', itl: '2ms', tokens: 40 });
    closers.push(() => server.close());
    const folder = mkdtempSync(path.join(tmpdir(), 'streamgauge-test-'));
    closers.push(() => rmSync(folder, { recursive: true }));
    const ca = path.join(folder, 'ca.pem');
    writeFileSync(ca, server.certificate!);
    const result = await runScenario({
      name: 'terminated',
      target: server.secureBaseUrl!,
      tls: { ca, terminate: true },
      model: 'm',
      api_key: 'k',
      arms: {
        'http 1.1': disconnect({ how: 'rst', ...after20 }),
        'http 2': { http: 2, ...disconnect({ how: 'h2_reset', ...after20 }) },
        websocket: {
          dialect: 'openai-responses',
          transport: 'websocket',
          ...disconnect({ how: 'ws_close', ...after20 }),
        },
        sdk: { via: 'sdk', ...disconnect({ how: 'fin', ...after20 }) },
      },
      load: { kind: 'closed', sessions: 1, iterations: 3, duration: '20s' },
      prompt: 'Hello',
    });
    const arms = summarize(result).arms;
    const [first, ...others] = arms;
    expect(foldResets(first!.outcomes)).toEqual({ reset: 3 });
    expect(others.map((arm) => [arm.name, arm.outcomes])).toEqual([
      ['http 2', { reset: 3 }],
      ['websocket', { truncated: 3 }],
      ['sdk', { truncated: 3 }],
    ]);
    expect(result.arms.map((arm) => arm.trials[0]!.faults[0]!.fired)).toEqual([3, 3, 3, 3]);
  });

  it('over WebSocket, Responses and Realtime', async () => {
    const socket = (dialect: 'openai-responses' | 'openai-realtime', settings: Settings) => ({
      dialect,
      transport: 'websocket' as const,
      ...disconnect(settings),
    });
    const seen = await outcomes({
      close: socket('openai-responses', { how: 'ws_close', code: 1012, ...after20 }),
      fin: socket('openai-responses', { how: 'fin', ...after20 }),
      upgrade: socket('openai-responses', { how: 'rst', before: 'headers' }),
      realtime: socket('openai-realtime', { how: 'ws_close', ...after20 }),
      done: socket('openai-realtime', { how: 'rst', before: { event: 'response.done' } }),
      sdk: {
        ...socket('openai-responses', { how: 'ws_close', code: 1012, ...after20 }),
        via: 'sdk',
      },
    });
    expect(seen['close']!.outcomes).toEqual({ truncated: 4 });
    expect(seen['fin']!.outcomes).toEqual({ truncated: 4 });
    expect(seen['upgrade']!.outcomes['completed']).toBeUndefined();
    expect(seen['realtime']!.outcomes).toEqual({ truncated: 4 });
    expect(seen['done']!.outcomes['completed']).toBeUndefined();
    expect(seen['sdk']!.outcomes).toEqual({ truncated: 4 });
    for (const arm of Object.values(seen)) expect(arm.fired).toBe(4);
  });

  it('draws each answer on a kept connection for itself', async () => {
    const result = await runScenario({
      name: 'share',
      target: 'mock',
      seed: 3,
      load: { kind: 'closed', sessions: 1, iterations: 4, duration: '30s' },
      session: [{ repeat: { times: 10, steps: [{ ask: 'Hello' }] } }],
      faults: [{ kind: 'disconnect', how: 'rst', after: { tokens: 2 }, of: '20%' }],
      mock: { ttft: '1ms', itl: '1ms', tokens: 6 },
    });
    const { completed = 0, reset = 0 } = summarize(result).arms[0]!.outcomes;
    expect(completed).toBeGreaterThan(0);
    expect(reset).toBeGreaterThan(0);
  });
});

/** The ends in the table of docs/disconnects.md; its tokens are in test/timing/official-client.test.ts. */
describe('the official client', () => {
  it.each<[string, Settings, most: number, string]>([
    ['fin', { how: 'fin', ...after20 }, 20, 'TypeError'],
    ['rst', { how: 'rst', ...after20 }, 20, 'TypeError'],
    ['cut_chunk', { how: 'cut_chunk', ...after20 }, 20, 'TypeError'],
    ['no_final_chunk: all is there', { how: 'no_final_chunk' }, 40, 'TypeError'],
    ['before headers', { how: 'rst', before: 'headers' }, 0, 'APIConnectionError (APIError)'],
  ])('%s', async (_, settings, most, end) => {
    const seen = await officialClient(settings);
    expect(seen.end).toBe(end);
    expect(seen.tokens).toBeLessThanOrEqual(most);
  });

  it('black_hole: its timeout is over with the headers', async () => {
    const seen = await officialClient({ how: 'black_hole', ...after20 }, { waitMs: 2000 });
    expect(seen).toEqual({ tokens: 20, end: 'waiting' });
  });

  it('has another error in its stream helper', async () => {
    const seen = await officialClient({ how: 'fin', ...after20 }, { stream: 'helper' });
    expect(seen.end).toBe('OpenAIError');
  });
});
