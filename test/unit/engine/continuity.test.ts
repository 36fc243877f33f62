/** Transcripts of a phase against what was sent. */
import { describe, expect, it } from 'vitest';
import { ContinuityTally } from '../../../src/engine/continuity-tally.ts';
import { MetricHistogram } from '../../../src/metric/histogram.ts';
import { StreamLedger } from '../../../src/session/stream-ledger.ts';
import type { TurnRecord } from '../../../src/session/turn-record.ts';
import { digestOf } from '../../../src/transcript.ts';

function turn(streamId: string, text: string, numbers: readonly number[] = [0, 1]): TurnRecord {
  const ledger = new StreamLedger();
  for (const number of numbers) ledger.event(Number.NaN, number, 10, 0);
  ledger.text('content', text);
  return { streamId, outcome: 'completed', events: 2, continuity: ledger.close() } as TurnRecord;
}

function tallyOf(...turns: TurnRecord[]): ContinuityTally {
  const tally = new ContinuityTally();
  for (const one of turns) tally.turnEnded(one, (metric) => new MetricHistogram(metric));
  return tally;
}

const sent = new Map([
  ['a/0/0.0', digestOf({ content: 'hello' })],
  ['a/0/1.0', digestOf({ content: 'hello', reasoning: 'hm' })],
]);

describe('transcripts', () => {
  it('are equal to the character and by kind', () => {
    const tally = tallyOf(turn('a/0/0.0', 'hello'), turn('a/0/1.0', 'hello'), turn('a/0/2.0', 'x'));
    tally.compare(sent);
    expect(tally.scalars()).toMatchObject({
      transcripts_checked: 2,
      // The second lacks its reasoning although every number came: something else was in its place.
      transcript_mismatches: 1,
      merged_events: 1,
      transcripts_unchecked: 1,
    });
  });

  it('that lost an event are wrong for that reason', () => {
    const tally = tallyOf(turn('a/0/0.0', 'helo', [0, 2]));
    tally.compare(sent);
    expect(tally.scalars()).toMatchObject({ transcript_mismatches: 1, gaps: 1, merged_events: 0 });
  });

  it('of an external server are not judged', () => {
    const tally = tallyOf(turn('a/0/0.0', 'other'));
    tally.compare(undefined);
    expect(tally.scalars()).not.toHaveProperty('transcript_mismatches');
    expect(tally.scalars()).toMatchObject({ transcripts_unchecked: 1, gaps: 0 });
  });

  it('are not mentioned where no ledger was kept', () => {
    const tally = tallyOf({ streamId: 'x', continuity: undefined } as TurnRecord);
    tally.compare(sent);
    expect(tally.scalars()).toEqual({});
  });

  it('may be cut anywhere on the way, a surrogate pair included', () => {
    const whole = digestOf({ content: 'a😀b' });
    const ledger = new StreamLedger();
    for (const piece of ['a\ud83d', '\ude00b']) ledger.text('content', piece);
    expect(ledger.close().transcript).toEqual(whole);
  });
});
