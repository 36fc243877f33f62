/** Every simulated proxy by kind. */
import { z } from 'zod';
import { StreamgaugeError } from '../errors.ts';
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

/** @throws StreamgaugeError naming the setting that is wrong. */
export function makeBufferModel(settings: ProxySettings): BufferModel {
  const checked = proxySchema.safeParse(settings);
  if (!checked.success) {
    const [issue] = checked.error.issues;
    const where = ['proxy', ...(issue?.path ?? [])].join('.');
    throw new StreamgaugeError(`${where}: ${issue?.message ?? 'invalid'}`, {
      code: 'proxy-settings',
      exit: 'usage',
      hints: [`kinds are ${Object.keys(proxyKinds).join(', ')}`],
    });
  }
  return (proxyKinds[checked.data.kind] as ProxyKind).make(checked.data);
}
