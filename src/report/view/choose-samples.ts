/** Which sample streams a report draws: the failed, the slowest, and an even spread of the rest. */
import { isSuccess, type Outcome } from '../../metric/outcome.ts';
import type { StreamSample } from '../../result/schema.ts';

/** Rows of the waterfall per arm. */
export const samplesPerArm = 8;
const failuresShown = 2;
const slowestShown = 2;

function duration(sample: StreamSample): number {
  return sample.ended_at - sample.started_at;
}

/** At most `samplesPerArm` of them, in order of their start. */
export function chooseSamples(samples: readonly StreamSample[]): StreamSample[] {
  const failed = samples.filter((sample) => !isSuccess(sample.outcome as Outcome));
  const fine = samples.filter((sample) => isSuccess(sample.outcome as Outcome));
  const chosen = new Set<StreamSample>(failed.slice(0, failuresShown));
  const slowest = [...fine].sort((a, b) => duration(b) - duration(a));
  for (const sample of slowest.slice(0, slowestShown)) chosen.add(sample);
  const rest = fine.filter((sample) => !chosen.has(sample));
  const room = Math.min(samplesPerArm - chosen.size, rest.length);
  for (let index = 0; index < room; index++) {
    chosen.add(rest[Math.floor((index * rest.length) / room)]!);
  }
  return [...chosen].sort((a, b) => a.started_at - b.started_at);
}
