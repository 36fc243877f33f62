/** Every simulated proxy by kind. The members are the files in src/proxy/kinds/; none is named here. */
import type { z } from 'zod';
import { checked } from '../settings/checked.ts';
import { anyOf, inOrder } from '../settings/members.ts';
import type { BufferModel, ProxyKind } from './buffer-model.ts';
import { proxyMembers } from './member-list.ts';

/** The settings of a simulated proxy, told apart by `kind`. Strict: an unknown key is an error. */
export const proxySchema = anyOf(proxyMembers);

export type ProxySettings = z.infer<typeof proxySchema>;

const kinds = Object.fromEntries(
  inOrder(proxyMembers).map((member) => [member.kind, member]),
) as unknown as Readonly<Record<ProxySettings['kind'], ProxyKind>>;

/** In the order in which documentation lists them. */
export const proxyKinds = Object.keys(kinds) as ProxySettings['kind'][];

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
  return kinds[right.kind].make(right);
}
