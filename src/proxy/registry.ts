/** Every simulated proxy by kind. */
import { z } from 'zod';
import { checked } from '../settings/checked.ts';
import { count } from './kinds/count.ts';
import { gzipHold } from './kinds/gzip-hold.ts';
import { haproxy } from './kinds/haproxy.ts';
import { headerHold } from './kinds/header-hold.ts';
import { interval } from './kinds/interval.ts';
import { nginx } from './kinds/nginx.ts';
import { oneTokenLag } from './kinds/one-token-lag.ts';
import { size } from './kinds/size.ts';
import { storeAndForward } from './kinds/store-and-forward.ts';
import type { BufferModel, ProxyKind } from './buffer-model.ts';

export const proxyKinds = {
  nginx,
  haproxy,
  'gzip-hold': gzipHold,
  'store-and-forward': storeAndForward,
  size,
  interval,
  count,
  'header-hold': headerHold,
  'one-token-lag': oneTokenLag,
} as const;

/** The settings of a simulated proxy, told apart by `kind`. Strict: an unknown key is an error. */
export const proxySchema = z.discriminatedUnion('kind', [
  nginx.schema,
  haproxy.schema,
  gzipHold.schema,
  storeAndForward.schema,
  size.schema,
  interval.schema,
  count.schema,
  headerHold.schema,
  oneTokenLag.schema,
]);

export type ProxySettings = z.infer<typeof proxySchema>;

/** @throws StreamgaugeErrors `proxy-settings` that name what is wrong. */
export function makeBufferModel(settings: ProxySettings): BufferModel {
  const right = checked(
    proxySchema,
    settings,
    { whole: 'proxy', prefix: 'proxy' },
    {
      code: 'proxy-settings',
      exit: 'usage',
    },
  );
  return (proxyKinds[right.kind] as ProxyKind).make(right);
}
