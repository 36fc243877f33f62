/** The formulas of the metric catalogue, on a stream whose times are chosen by hand. */
import { describe, expect, it } from 'vitest';
import { openaiChat } from '../../../src/dialect/members/openai-chat/openai-chat.ts';
import { PhaseRecorder } from '../../../src/engine/phase-recorder.ts';
import { SampleKeeper, toSample } from '../../../src/engine/samples.ts';
import type { DistributionName } from '../../../src/metric/catalogue.ts';
import { seededRng } from '../../../src/random/rng.ts';
import { Turn, type TurnListener } from '../../../src/session/turn.ts';
import type { TurnRecord } from '../../../src/session/turn-record.ts';
import { emptyFrame } from '../../../src/transport/transport.ts';

const ms = 1e6;
const origin = 1_000_000 * ms;

interface Step {
  at: number;
  read?: number;
  delta?: Record<string, unknown>;
  finish?: string;
  usage?: Record<string, unknown>;
  done?: true;
  truth?: number;
}

/** Plays frames at the given times (ms after the request was written) through a real turn. */
async function play(
  steps: readonly Step[],
  gaps: number[] = [],
  errors: number[] = [],
): Promise<TurnRecord> {
  const conversation = openaiChat.start({
    transport: 'sse',
    model: 'm',
    stream: true,
    dialectOptions: {},
    extraBody: {},
    keepsHistory: true,
  });
  const listener: TurnListener = {
    onGap: (gap) => gaps.push(gap),
    onInstrumentError: (error) => errors.push(error),
    onEvent: () => {},
    onFirstToken: () => {},
    onConnected: () => {},
  };
  const turn = new Turn(
    'a/0/0.0',
    { intendedAt: origin - 30 * ms, startedAt: origin - 10 * ms },
    conversation,
    listener,
    { readingPaceMs: 100, maxArrivals: 100 },
  );
  turn.onConnected({ totalMs: 5, tcpMs: 5 });
  turn.onWritten(origin);
  turn.onHead({ at: origin + 20 * ms, status: 200, headers: {}, httpVersion: '1.1' });
  const frame = emptyFrame();
  for (const [index, step] of steps.entries()) {
    frame.at = origin + step.at * ms;
    frame.read = step.read ?? index;
    frame.bytes = 100;
    frame.truthIndex = step.truth === undefined ? -1 : index;
    frame.truthSentAt = origin + (step.truth ?? 0) * ms;
    frame.data = step.done
      ? '[DONE]'
      : JSON.stringify({
          object: 'chat.completion.chunk',
          choices: step.usage
            ? []
            : [{ index: 0, delta: step.delta ?? {}, finish_reason: step.finish ?? null }],
          usage: step.usage ?? null,
        });
    turn.onFrame(frame);
  }
  turn.onEnd({ kind: 'complete', at: origin + 1000 * ms });
  return turn.done;
}

const whole: Step[] = [
  { at: 40, delta: { role: 'assistant', content: '' } },
  { at: 100, delta: { reasoning_content: 'hm' } },
  { at: 150, delta: { content: 'a' } },
  { at: 150, read: 2, delta: { content: 'b' } },
  { at: 400, delta: { content: 'c' } },
  { at: 420, finish: 'stop' },
  { at: 430, usage: { prompt_tokens: 3, completion_tokens: 8 } },
  { at: 440, done: true },
];

describe('metrics of one turn', () => {
  it('follow the catalogue', async () => {
    const gaps: number[] = [];
    const turn = await play(whole, gaps);
    expect(turn.outcome).toBe('completed');
    expect(gaps).toEqual([50, 0, 250]);

    const recorder = new PhaseRecorder();
    recorder.counts.turnsStarted++;
    recorder.turnEnded(turn);
    const value = (metric: DistributionName): number => recorder.histogram(metric).mean;
    expect(value('ttfb')).toBeCloseTo(20);
    expect(value('ttfe')).toBeCloseTo(40); // the role chunk
    expect(value('ttft')).toBeCloseTo(100); // reasoning is a token, the empty role chunk is not
    expect(value('ttfo')).toBeCloseTo(150); // reasoning is not visible output
    expect(value('e2e')).toBeCloseTo(440);
    expect(value('tpot')).toBeCloseTo(300 / 7); // (400 − 100) / (8 − 1), tokens from usage
    expect(value('output_tokens')).toBe(8);
    expect(value('tokens_per_event')).toBe(2); // 8 tokens in 4 token events
    expect(value('events_per_read')).toBeCloseTo(4 / 3);
    expect(value('longest_stall')).toBeCloseTo(250);
    expect(value('stall_ratio')).toBeCloseTo(150 / 300); // (250 − 100 pace) of 300 ms
    // Gaps 50, 0, 250 at a pace of 100: 150 ms of slack are just enough for the last.
    expect(value('fluidity_index')).toBe(1);
    expect(value('time_to_recover')).toBe(0); // the answer ended with the token after the stall

    const { counts, scalars } = recorder.toResult({
      seconds: 2,
      tokenEvents: 4,
      events: 8,
      turnsCompleted: 1,
      sessionsCompleted: 1,
    });
    expect(counts).toMatchObject({ events: 8, token_events: 4, reads: 3, output_tokens: 8 });
    expect(scalars).toMatchObject({ turn_rate: 0.5, token_rate: 4, event_rate: 4, errors: 0 });
    expect(scalars.stalls).toBeCloseTo(1 / (0.3 / 60)); // one in 300 ms of streaming
  });

  it('count what a failed turn saw, but not its length', async () => {
    const turn = await play(whole.slice(0, 4));
    expect(turn.outcome).toBe('truncated');
    const recorder = new PhaseRecorder();
    recorder.counts.turnsStarted++;
    recorder.turnEnded(turn);
    expect(recorder.histogram('ttft').count).toBe(1);
    expect(recorder.histogram('e2e').count).toBe(0);
    expect(recorder.histogram('tpot').count).toBe(0);
    const { scalars } = recorder.toResult({
      seconds: 1,
      tokenEvents: 3,
      events: 4,
      turnsCompleted: 0,
      sessionsCompleted: 0,
    });
    expect(scalars['errors']).toBe(1);
  });

  it('do not blame the target for turns that the end of the run cut off', () => {
    const recorder = new PhaseRecorder();
    recorder.counts.turnsStarted = 3;
    recorder.turnOutcomes.completed = 1;
    recorder.turnOutcomes.reset = 1;
    recorder.turnOutcomes.aborted = 1;
    const none = { seconds: 1, tokenEvents: 0, events: 0, turnsCompleted: 0, sessionsCompleted: 0 };
    expect(recorder.toResult(none).scalars['errors']).toBe(0.5);
  });

  it('measure the instrument against the mock’s stamps', async () => {
    const errors: number[] = [];
    await play(
      whole.map((step) => ({ ...step, truth: step.at - 0.5 })),
      [],
      errors,
    );
    expect(errors).toHaveLength(whole.length);
    for (const error of errors) expect(error).toBeCloseTo(0.5);
  });

  it('are in the per-stream record', async () => {
    const sample = toSample(await play(whole), origin - 100 * ms);
    expect(sample).toMatchObject({
      intended_at: 70,
      started_at: 90,
      connected_at: 95,
      written_at: 100,
      head_at: 120,
      first_event_at: 140,
      first_token_at: 200,
      first_output_at: 250,
      last_token_at: 500,
      arrivals: [100, 150, 150, 400],
      kinds: 'rccc',
      output_tokens: 8,
      token_events: 4,
      reads: 3,
    });
  });
});

describe('SampleKeeper', () => {
  it('keeps a bounded fair sample and the worst streams', async () => {
    const keeper = new SampleKeeper(seededRng(1), origin);
    for (let i = 0; i < 500; i++) {
      const slow = i === 250 ? 900 : 0;
      const turn = await play(whole.map((step) => ({ ...step, at: step.at + slow })));
      turn.streamId = `s${i}`;
      keeper.offer(turn);
    }
    const kept = keeper.toResult();
    expect(kept.length).toBeGreaterThan(15);
    expect(kept.length).toBeLessThanOrEqual(22);
    expect(kept.map((sample) => sample.stream)).toContain('s250');
  });
});
