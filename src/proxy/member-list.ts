// Generated from the files in src/proxy/kinds/ by `npm run generate`; change those, not this list.
import { count } from './kinds/count.ts';
import { gzipHold } from './kinds/gzip-hold.ts';
import { haproxy } from './kinds/haproxy.ts';
import { headerHold } from './kinds/header-hold.ts';
import { interval } from './kinds/interval.ts';
import { nginx } from './kinds/nginx.ts';
import { oneTokenLag } from './kinds/one-token-lag.ts';
import { size } from './kinds/size.ts';
import { storeAndForward } from './kinds/store-and-forward.ts';

export const proxyMembers = [
  count,
  gzipHold,
  haproxy,
  headerHold,
  interval,
  nginx,
  oneTokenLag,
  size,
  storeAndForward,
] as const;
