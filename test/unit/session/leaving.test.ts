/** A client that leaves as planned: when, how often, with which outcome; and what the mock says of it. */
import { afterEach, describe, expect, it } from 'vitest';
import { startMock, type MockOptions, type MockServer } from '../../../mock-server/index.ts';
import type { ArmPlan, LeavePlan } from '../../../src/scenario/plan.ts';
import { drawDeparture } from '../../../src/session/departure.ts';
import {
  armPlan,
  askOnce,
  endpointFor,
  runSession,
  type SessionOutcome,
} from '../../helpers/arm.ts';

let mock: MockServer | undefined;
afterEach(() => mock?.close());

const constant = (value: number) => ({ kind: 'constant', value }) as const;
const leavePlan = (overrides: Partial<LeavePlan> = {}): LeavePlan => ({
  how: 'fin',
  code: 1000,
  moment: { kind: 'tokens', count: constant(10) },
  before: undefined,
  share: 1,
  resumes: false,
  probeSlots: undefined,
  ...overrides,
});

async function run(
  overrides: Partial<ArmPlan>,
  options: MockOptions = {},
): Promise<SessionOutcome & { produced: number; end: string | null | undefined }> {
  mock = await startMock({ ttft: '30ms', itl: '10ms', tokens: 60, ...options });
  const two = { ...armPlan().session, steps: [askOnce, askOnce] };
  const arm = armPlan({ session: two, ...overrides });
  const outcome = await runSession(arm, endpointFor(arm, mock.baseUrl, { groundTruth: true }));
  const id = outcome.turns[0]!.streamId;
  const stop = () => mock!.stops().find(({ streamId }) => streamId === id);
  await expect.poll(() => stop()?.stoppedNs ?? null, { timeout: 5000 }).not.toBeNull();
  return { ...outcome, produced: stop()!.tokensProduced, end: stop()!.end };
}

describe('the draw', () => {
  const plan = leavePlan({
    share: 0.3,
    moment: { kind: 'tokens', count: { kind: 'uniform', low: 10, high: 200 } },
  });
  it('takes the share, by session and turn', () => {
    let left = 0;
    for (let session = 0; session < 1000; session++) {
      if (drawDeparture(plan, 'seed', session, 0)) left++;
    }
    // Binomial(1000, 0.3): five standard deviations are 72.
    expect(Math.abs(left - 300)).toBeLessThan(72);
  });
  it('is the same whenever it is drawn, and another with another seed', () => {
    const places = (seed: string) =>
      Array.from({ length: 50 }, (_, session) => {
        const departure = drawDeparture(plan, seed, session, 0);
        if (!departure) return 0;
        for (let tokens = 1; tokens <= 200; tokens++) {
          const seen = { events: 0, tokenEvents: tokens, bytes: 0, firstOutputAt: Number.NaN };
          if (departure.isDueAfter(seen, true)) return tokens;
        }
        return 0;
      });
    expect(places('1')).toEqual(places('1'));
    expect(places('1')).not.toEqual(places('2'));
    expect(Math.max(...places('1'))).toBeGreaterThan(50);
  });
});

describe.each(['fin', 'rst', 'half_close'] as const)('%s', (how) => {
  it('ends turn and session as cancelled, and the target stops', async () => {
    const { record, turns, produced, end } = await run({ leave: leavePlan({ how }) });
    expect(record.outcome).toBe('cancelled');
    expect(turns).toHaveLength(1);
    expect(turns[0]).toMatchObject({ outcome: 'cancelled', detail: `left: ${how}` });
    expect(turns[0]!.left).toMatchObject({ how, tokenEvents: 10 });
    expect(end).toBe('client_left');
    expect(produced).toBeGreaterThanOrEqual(10);
    expect(produced).toBeLessThan(60);
  });
});

it.each<[string, Partial<LeavePlan>, (outcome: SessionOutcome) => unknown, unknown]>([
  [
    'after events',
    { moment: { kind: 'events', count: constant(7) } },
    (o) => o.turns[0]!.events,
    7,
  ],
  [
    'after bytes',
    { moment: { kind: 'bytes', count: constant(2000) } },
    (o) => o.turns[0]!.bytes >= 2000 && o.turns[0]!.bytes < 2600,
    true,
  ],
  [
    'after a time',
    { moment: { kind: 'time', ms: constant(200) } },
    (o) => {
      const { endedAt, writtenAt } = o.turns[0]!;
      const ms = (endedAt - writtenAt) / 1e6;
      return ms > 150 && ms < 1000;
    },
    true,
  ],
  [
    'before the first token',
    { moment: { kind: 'begun' }, before: 'first_token' },
    (o) => [o.turns[0]!.status, o.turns[0]!.tokenEvents],
    [200, 0],
  ],
  [
    'before the headers',
    { moment: { kind: 'time', ms: constant(0) }, before: 'headers' },
    (o) => [o.turns[0]!.events, o.turns[0]!.tokenEvents],
    [0, 0],
  ],
  [
    'after the last token',
    { moment: { kind: 'last_token' } },
    (o) => [o.turns[0]!.tokenEvents, Number.isNaN(o.turns[0]!.terminalAt)],
    [60, true],
  ],
])('%s', async (_, plan, seen, expected) => {
  const outcome = await run({ leave: leavePlan(plan) });
  expect(outcome.turns[0]!.outcome).toBe('cancelled');
  expect(seen(outcome)).toEqual(expected);
});

describe('a call that cancels', () => {
  it.each([
    ['Realtime', { dialect: 'openai-realtime', transport: 'websocket' }],
    [
      'Responses in the background',
      { dialect: 'openai-responses', dialectOptions: { background: true } },
    ],
  ] as const)('%s: the target confirms, and the session goes on', async (_, api) => {
    const { record, turns, produced, end } = await run({
      ...api,
      leave: leavePlan({ how: 'cancel' }),
    });
    expect(end).toBe('cancelled');
    expect(produced).toBeLessThan(60);
    expect(turns.map(({ outcome }) => outcome)).toEqual(['cancelled', 'cancelled']);
    expect(turns[0]!.left!.tokenEvents).toBe(10);
    expect(Number.isNaN(turns[0]!.terminalAt)).toBe(false);
    expect(record.turns).toBe(2);
  });
});

it('ws_close and a silent client over WebSocket', async () => {
  const api = { dialect: 'openai-responses', transport: 'websocket' } as const;
  const closed = await run({ ...api, leave: leavePlan({ how: 'ws_close', code: 4000 }) });
  expect([closed.record.outcome, closed.end]).toEqual(['cancelled', 'client_left']);
  await mock!.close();
  const silent = await run({ ...api, leave: leavePlan({ how: 'black_hole' }) });
  // Nothing tells the server: it writes everything into the kernel's buffers.
  expect([silent.record.outcome, silent.produced, silent.end]).toEqual([
    'cancelled',
    60,
    'completed',
  ]);
});

it('over before it was due: the turn is completed, and nobody left', async () => {
  const plan = leavePlan({ moment: { kind: 'tokens', count: constant(500) } });
  const { record, turns } = await run({ leave: plan });
  expect(record.outcome).toBe('completed');
  expect(turns.map(({ left }) => left)).toEqual([undefined, undefined]);
});

it('coming back: the whole answer arrives over two connections, and nothing is wasted', async () => {
  const { turns } = await run(
    {
      leave: leavePlan({ resumes: true }),
      verify: true,
      reconnect: {
        policy: 'immediate',
        baseMs: 0,
        maxMs: 1,
        jitter: 0,
        attempts: 3,
        stalled: true,
      },
    },
    { resume: { sse: true } },
  );
  expect(turns[0]).toMatchObject({ outcome: 'completed', left: undefined, tokenEvents: 60 });
  expect(turns[0]!.continuity).toMatchObject({ resumes: 1, gaps: 0, duplicates: 0 });
});
