/** A client that leaves as planned: when, how often, with which outcome; and what the mock says of it. */
import { afterEach, describe, expect, it } from 'vitest';
import { startMock, type MockOptions, type MockServer } from '../../../mock-server/index.ts';
import type { ArmPlan, LeavePlan } from '../../../src/scenario/plan.ts';
import { drawDeparture } from '../../../src/session/departure.ts';
import type { TurnRecord } from '../../../src/session/turn-record.ts';
import {
  armPlan,
  askOnce,
  endpointFor,
  runSession,
  runVirtually,
  type SessionOutcome,
} from '../../helpers/arm.ts';
import { body, ends, head, message, repeated, type Script } from '../../helpers/scripted-wire.ts';
import { chatDelta, chatFinish } from '../../helpers/scripted-server.ts';

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

/** The head at 30 ms, 60 tokens, one every 10 ms from 40 ms on, then a finish reason and the end. */
const sixtyTokens: Script = [
  head(30),
  ...repeated(60, 10, (afterMs) => body(afterMs, chatDelta('t'))),
  body(10, chatFinish()),
  body(5, 'data: [DONE]\n\n'),
  ends(),
];
const eventBytes = chatDelta('t').length;

describe('the moment, in virtual time', () => {
  const leaves = async (overrides: Partial<LeavePlan>) => {
    const session = { ...armPlan().session, steps: [askOnce, askOnce] };
    return runVirtually(armPlan({ session, leave: leavePlan(overrides) }), () => sixtyTokens);
  };

  it.each<[string, Partial<LeavePlan>, number, Partial<TurnRecord>]>([
    [
      'after tokens',
      { moment: { kind: 'tokens', count: constant(10) } },
      130,
      { tokenEvents: 10, events: 10 },
    ],
    ['after events', { moment: { kind: 'events', count: constant(7) } }, 100, { events: 7 }],
    [
      'after bytes',
      { moment: { kind: 'bytes', count: constant(2000) } },
      30 + 10 * Math.ceil(2000 / eventBytes),
      { bytes: eventBytes * Math.ceil(2000 / eventBytes) },
    ],
    ['after a time', { moment: { kind: 'time', ms: constant(201.5) } }, 201.5, { events: 17 }],
    [
      'before the first token',
      { moment: { kind: 'begun' }, before: 'first_token' },
      30,
      { status: 200, tokenEvents: 0 },
    ],
    [
      'before the headers, but not before the request can have arrived',
      { moment: { kind: 'time', ms: constant(0) }, before: 'headers' },
      5,
      { status: 0, events: 0, tokenEvents: 0 },
    ],
    ['after the last token', { moment: { kind: 'last_token' } }, 640, { tokenEvents: 60 }],
  ])('%s', async (_, plan, atMs, seen) => {
    const { record, turns, wire, at } = await leaves(plan);
    expect(record.outcome).toBe('cancelled');
    expect(turns).toHaveLength(1);
    expect(turns[0]).toMatchObject({ outcome: 'cancelled', detail: 'left: fin', ...seen });
    expect(turns[0]!.terminalAt).toBeNaN();
    expect(at(turns[0]!.left!.at)).toBe(atMs);
    expect(wire.exchanges[0]!.cancelled).toEqual({ atMs, how: 'fin', code: 1000 });
  });

  it('over before it was due: the turn is completed, and none has left', async () => {
    const { record, turns, wire } = await leaves({
      moment: { kind: 'time', ms: constant(646) },
    });
    expect(record.outcome).toBe('completed');
    expect(turns.map(({ left }) => left)).toEqual([undefined, undefined]);
    expect(wire.exchanges.map(({ cancelled }) => cancelled)).toEqual([undefined, undefined]);
    expect(wire.exchanges.map(({ writtenAtMs }) => writtenAtMs)).toEqual([0, 645]);
  });
});

describe('a call over the socket that cancels, in virtual time', () => {
  const realtime = armPlan({
    dialect: 'openai-realtime',
    transport: 'websocket',
    session: { ...armPlan().session, steps: [askOnce] },
    timeouts: { connectMs: 1000, idleMs: 60_000, totalMs: 60_000 },
    leave: leavePlan({ how: 'cancel', moment: { kind: 'time', ms: constant(50) } }),
  });
  const id = 'resp_1';
  const text = { type: 'response.output_text.delta', response_id: id, delta: 'a' };
  const done = {
    type: 'response.done',
    response: { id, status: 'cancelled', output: [], usage: null },
  };
  const greeting: Script = [
    message(1, { type: 'session.created', session: {} }),
    message(1, { type: 'session.updated', session: {} }),
  ];
  const answer: Script = [
    message(10, { type: 'response.created', response: { id, status: 'in_progress' } }),
    message(10, text),
  ];
  const script = (number: number): Script => (number === 0 ? greeting : answer);

  it('ends with the target’s last event', async () => {
    const { turns, wire, at } = await runVirtually(realtime, script, {
      setUp: (made) => {
        made.onSend = (exchange, { body: sent }) => {
          if (sent['type'] === 'response.cancel') exchange.answer(message(7, done));
        };
      },
    });
    expect(turns[0]).toMatchObject({ outcome: 'cancelled', detail: 'cancelled by a call' });
    // The session was ready at 2 ms, when the request was written.
    expect(wire.exchanges[1]!.sent.map(({ atMs }) => atMs)).toEqual([52]);
    expect(at(turns[0]!.left!.at)).toBe(52);
    expect(at(turns[0]!.endedAt)).toBe(59);
  });

  it('is left after 5 s where the target does not confirm', async () => {
    const { turns, wire, at } = await runVirtually(realtime, script);
    expect(turns[0]).toMatchObject({
      outcome: 'cancelled',
      detail: 'cancelled by a call, which was not confirmed',
    });
    expect(at(turns[0]!.endedAt)).toBe(52 + 5000);
    expect(wire.exchanges[1]!.cancelled).toMatchObject({ atMs: 5052, how: 'close' });
  });
});

describe('a call that cancels', () => {
  it.each([
    ['Realtime', { dialect: 'openai-realtime', transport: 'websocket' }],
    [
      'Responses in the background',
      { dialect: 'openai-responses', dialectOptions: { background: true } },
    ],
  ] as const)('%s: the target confirms, and the session continues', async (_, api) => {
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
  const silent = await run({ ...api, leave: leavePlan({ how: 'black_hole' }) }, { itl: '2ms' });
  // Nothing tells the server: it writes everything into the kernel's buffers.
  expect([silent.record.outcome, silent.produced, silent.end]).toEqual([
    'cancelled',
    60,
    'completed',
  ]);
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
    { itl: '2ms', resume: { sse: true } },
  );
  expect(turns[0]).toMatchObject({ outcome: 'completed', left: undefined, tokenEvents: 60 });
  expect(turns[0]!.continuity).toMatchObject({ resumes: 1, gaps: 0, duplicates: 0 });
});
