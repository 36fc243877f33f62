/** Every real proxy by kind. */
import { z } from 'zod';
import { StreamgaugeError } from '../../errors.ts';
import { findProgram } from './find-program.ts';
import { realApache } from './kinds/apache.ts';
import { realCaddy } from './kinds/caddy.ts';
import { realHaproxy } from './kinds/haproxy.ts';
import { realNginx } from './kinds/nginx.ts';
import { realVarnish } from './kinds/varnish.ts';
import type { RealKind } from './real-kind.ts';

const realKinds = {
  nginx: realNginx,
  haproxy: realHaproxy,
  apache: realApache,
  caddy: realCaddy,
  varnish: realVarnish,
} as const satisfies Record<string, RealKind>;

export type RealKindName = keyof typeof realKinds;

/** The settings of a real proxy. */
export const realProxySchema = z
  .strictObject({
    kind: z
      .enum(Object.keys(realKinds) as [RealKindName, ...RealKindName[]])
      .describe('The program; it must be installed'),
    config: z
      .string()
      .optional()
      .describe(
        'A whole configuration with the placeholders {{port}}, {{target}}, {{target_host}}, {{target_port}}, {{dir}}. Default: a minimal one',
      ),
    settings: z
      .array(z.string())
      .optional()
      .describe('Lines added to the minimal configuration, e.g. "proxy_buffering off;"'),
  })
  .refine(({ config, settings }) => !config || !settings, {
    error: 'settings are for the minimal configuration; write them into config',
  })
  .describe('An installed proxy, started on loopback in front of the target');

export type RealProxySettings = z.infer<typeof realProxySchema>;

/**
 * The definition of a kind and the path of its program.
 *
 * @throws StreamgaugeError saying how to install it where it is missing.
 */
export function installed(
  kind: RealKindName,
  find: typeof findProgram = findProgram,
): { definition: RealKind; program: string } {
  const definition = realKinds[kind];
  const program = find(definition.programs);
  if (!program) {
    throw new StreamgaugeError(`${definition.programs.join(' or ')} is not installed`, {
      code: 'proxy-not-installed',
      exit: 'usage',
      hints: [`install it: ${definition.install}`],
    });
  }
  return { definition, program };
}

/** Why a kind cannot be started here and what would help, or undefined where it can. */
export function whyMissing(kind: RealKindName): string | undefined {
  const { programs, install } = realKinds[kind];
  return findProgram(programs)
    ? undefined
    : `${programs.join(' or ')} is not installed: ${install}`;
}
