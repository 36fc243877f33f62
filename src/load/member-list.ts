// Generated from the files in src/load/kinds/ by `npm run generate`; change those, not this list.
import { burstPacer } from './kinds/burst.ts';
import { closedPacer } from './kinds/closed.ts';
import { constantPacer } from './kinds/constant.ts';
import { poissonPacer } from './kinds/poisson.ts';
import { rampPacer } from './kinds/ramp.ts';
import { stagesPacer } from './kinds/stages.ts';
import { tracePacer } from './kinds/trace.ts';

export const pacerMembers = [
  burstPacer,
  closedPacer,
  constantPacer,
  poissonPacer,
  rampPacer,
  stagesPacer,
  tracePacer,
] as const;
