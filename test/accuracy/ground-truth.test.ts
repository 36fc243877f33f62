/**
 * What the client measures against what the mock says it did, stream by stream and event by event.
 *
 * Both sides run in this process on one clock, so that only scheduling noise separates them. Counts
 * must be equal; times must agree within bounds that a busy two-core machine meets: half of all
 * events within 4 ms, 90 % within 60 ms. A stamp taken at the wrong place is off by a whole gap (20 ms)
 * or a whole first-token time (60 ms) in *every* event, which the median shows.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startMock, type MockServer } from '../../mock-server/index.ts';
import type { ArmPlan } from '../../src/scenario/plan.ts';
import { armPlan, askOnce, endpointFor, runSession } from '../helpers/arm.ts';

let mock: MockServer;

beforeAll(async () => {
  mock = await startMock({ ttft: '60ms', itl: '20ms', tokens: 20, tls: true, seed: '7' });
});
afterAll(() => mock.close());

const tool = { name: 'look_up', parameters: { type: 'object', properties: {} } };

const arms: Record<string, Partial<ArmPlan>> = {
  'chat over SSE': {},
  'chat over SSE and TLS': { tls: { rejectUnauthorized: true, ca: 'mock', terminate: false } },
  'chat over SSE and HTTP/2': {
    http: { version: '2' },
    tls: { rejectUnauthorized: true, ca: 'mock', terminate: false },
  },
  'chat over SSE, tool call': {
    session: {
      ...armPlan().session,
      steps: [{ ...askOnce, tools: [tool], toolChoice: 'required' }],
    },
  },
  'chat over SSE, via SDK': { via: 'sdk' },
  'responses over SSE': { dialect: 'openai-responses' },
  'responses over WebSocket': { dialect: 'openai-responses', transport: 'websocket' },
  'responses over WebSocket and TLS': {
    dialect: 'openai-responses',
    transport: 'websocket',
    tls: { rejectUnauthorized: true, ca: 'mock', terminate: false },
  },
  'responses over WebSocket, via SDK': {
    dialect: 'openai-responses',
    transport: 'websocket',
    via: 'sdk',
  },
  'realtime text': { dialect: 'openai-realtime', transport: 'websocket' },
  'realtime audio': {
    dialect: 'openai-realtime',
    transport: 'websocket',
    dialectOptions: { modality: 'audio' },
  },
  'realtime text, via SDK': { dialect: 'openai-realtime', transport: 'websocket', via: 'sdk' },
};

function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))]!;
}

describe.each(Object.entries(arms))('%s', (name, overrides) => {
  it('measures what the mock did', async () => {
    const secure = overrides.tls?.ca === 'mock';
    const arm = armPlan({
      ...overrides,
      name: name.replace(/\W+/g, '-'),
      timeouts: { connectMs: 5000, idleMs: 5000, totalMs: 15_000 },
    });
    const endpoint = endpointFor(arm, secure ? mock.secureBaseUrl! : mock.baseUrl, {
      groundTruth: true,
      tls: { rejectUnauthorized: true, ...(secure ? { ca: mock.certificate! } : {}) },
    });
    const sessions = await Promise.all(
      Array.from({ length: 4 }, (_, session) => runSession(arm, endpoint, { session })),
    );
    const differences: number[] = [];
    for (const { turns, instrumentErrors } of sessions) {
      const [turn] = turns;
      expect({ outcome: turn!.outcome, detail: turn!.detail }).toEqual({
        outcome: 'completed',
        detail: '',
      });
      const truth = mock.log().find((stream) => stream.streamId === turn!.streamId);
      expect(truth, `no log entry for ${turn!.streamId}`).toBeDefined();
      const sent = truth!.events.filter((event) => event.kind !== undefined);
      const arrived = turn!.arrivals.times;
      if (arm.dialectOptions['modality'] === 'audio') {
        // Each audio event comes with its words, which the client does not count as tokens.
        expect(arrived.length).toBeGreaterThan(3);
        expect(turn!.audioMs).toBeGreaterThan(100);
      } else {
        expect(arrived).toHaveLength(sent.length);
        expect(turn!.usage?.outputTokens).toBe(truth!.tokensSent);
        for (const [index, event] of sent.entries()) {
          differences.push(Math.abs(arrived[index]! - event.sentNs) / 1e6);
        }
        // From the client's own request to its own first token, against the server's two stamps.
        const measured = (turn!.firstTokenAt - turn!.writtenAt) / 1e6;
        const actual = (sent[0]!.sentNs - truth!.receivedNs) / 1e6;
        differences.push(Math.abs(measured - actual));
      }
      // The stamps ride in SSE comments, which the official package drops.
      const stamped = !(arm.via === 'sdk' && arm.transport === 'sse');
      if (stamped) expect(instrumentErrors.length).toBeGreaterThan(3);
      else expect(instrumentErrors).toEqual([]);
      for (const error of instrumentErrors) expect(error).toBeGreaterThan(-0.001);
    }
    if (differences.length > 0) {
      expect(quantile(differences, 0.5)).toBeLessThan(4);
      expect(quantile(differences, 0.9)).toBeLessThan(60);
    }
  });
});

describe('plain HTTP', () => {
  it('is one token event at the end of the answer', async () => {
    const arm = armPlan({ transport: 'http', name: 'http' });
    const endpoint = endpointFor(arm, mock.baseUrl, { groundTruth: true });
    const { turns, instrumentErrors } = await runSession(arm, endpoint);
    expect(turns[0]).toMatchObject({ outcome: 'completed', tokenEvents: 1 });
    expect(turns[0]!.usage?.outputTokens).toBe(20);
    // 60 ms to the first token and 19 gaps of 20 ms.
    expect((turns[0]!.terminalAt - turns[0]!.writtenAt) / 1e6).toBeGreaterThan(430);
    expect(instrumentErrors).toHaveLength(1);
  });
});

describe('arms', () => {
  it('get the same answers at the same times from the same seed', async () => {
    const lengths = async (overrides: Partial<ArmPlan>): Promise<number[]> => {
      const other = await startMock({
        ttft: '5ms',
        itl: '2ms',
        tokens: 'uniform(5, 40)',
        seed: '3',
      });
      const arm = armPlan(overrides);
      const endpoint = endpointFor(arm, other.baseUrl, { groundTruth: true });
      const seen: number[] = [];
      for (let session = 0; session < 5; session++) {
        const { turns } = await runSession(arm, endpoint, { session });
        seen.push(turns[0]!.usage!.outputTokens!);
      }
      await other.close();
      return seen;
    };
    const sse = await lengths({ name: 'a' });
    expect(new Set(sse).size).toBeGreaterThan(1);
    expect(await lengths({ name: 'b', dialect: 'openai-responses' })).toEqual(sse);
    expect(
      await lengths({ name: 'c', dialect: 'openai-responses', transport: 'websocket' }),
    ).toEqual(sse);
  });
});
