/** What a turn's landmarks come to as samples of their metrics. */
import type { LandmarkName } from '../metric/landmark.ts';
import type { TurnRecord } from '../session/turn-record.ts';

/**
 * From the written request to each landmark that the turn has reached, ms, in the order in which they
 * were reached. One that was reached before the request was written whole (an answer to speech that is
 * still being sent) counts as 0.
 */
export function landmarkTimes(turn: TurnRecord): [name: LandmarkName, ms: number][] {
  if (!turn.landmarks || Number.isNaN(turn.writtenAt)) return [];
  return Array.from(turn.landmarks, ([name, at]) => [
    name,
    Math.max(0, (at - turn.writtenAt) / 1e6),
  ]);
}
