// Generated from the files in src/fault/kinds/ by `npm run generate`; change those, not this list.
import { bandwidthDefinition } from './kinds/bandwidth.ts';
import { corruptDefinition } from './kinds/corrupt.ts';
import { delayDefinition } from './kinds/delay.ts';
import { disconnectDefinition } from './kinds/disconnect/disconnect.ts';
import { dropBytesDefinition } from './kinds/drop-bytes.ts';
import { jitterDefinition } from './kinds/jitter.ts';
import { linkTraceDefinition } from './kinds/link-trace.ts';
import { lossDefinition } from './kinds/loss/loss-definition.ts';
import { outageDefinition } from './kinds/outage.ts';
import { slicerDefinition } from './kinds/slicer.ts';

export const faultMembers = [
  bandwidthDefinition,
  corruptDefinition,
  delayDefinition,
  disconnectDefinition,
  dropBytesDefinition,
  jitterDefinition,
  linkTraceDefinition,
  lossDefinition,
  outageDefinition,
  slicerDefinition,
] as const;
