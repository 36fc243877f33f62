/** Every pacer by kind. */
import { burstPacer } from './burst.ts';
import { closedPacer } from './closed.ts';
import { constantPacer } from './constant.ts';
import type { LoadKind, LoadShape, Pacer, PacerContext, PacerFactory } from './pacer.ts';
import { poissonPacer } from './poisson.ts';
import { rampPacer } from './ramp.ts';
import { stagesPacer } from './stages.ts';
import { tracePacer } from './trace.ts';

export const pacers: { readonly [K in LoadKind]: PacerFactory<K> } = {
  closed: closedPacer,
  constant: constantPacer,
  poisson: poissonPacer,
  ramp: rampPacer,
  stages: stagesPacer,
  burst: burstPacer,
  trace: tracePacer,
};

/** The pacer of a load. Equal shapes, durations and seeds give equal start times. */
export function makePacer(shape: LoadShape, context: PacerContext): Pacer {
  return (pacers[shape.kind] as PacerFactory)(shape, context);
}
