/** What an arm is made of. Every key may stand at the top level, as the default of all arms. */
import { z } from 'zod';
import { mockOptionsSchema } from '../../mock-server/settings/options.ts';
import { defaultDialect, dialectNames, exampleKeyVariable } from '../dialect/registry.ts';
import { networkSchema } from '../fault/network/network.ts';
import { faultSchema } from '../fault/registry.ts';
import { realProxySchema } from '../proxy/real/registry.ts';
import { proxySchema } from '../proxy/registry.ts';
import { transportNames } from '../transport/transport.ts';
import { someTime } from '../settings/fields.ts';
import { dialectOptionShape } from './dialect-options.ts';
import { leaveSchema, priceSchema, readerSchema } from './leave.ts';
import { reconnectSchema } from './reconnect.ts';
import { loadOverrideSchema, loadSchema } from '../load/registry.ts';
import { sessionSchema } from './schema-session.ts';

const mockSchema = mockOptionsSchema.omit({ host: true, port: true, tls: true, tls_port: true });

const installedProxySchema = z
  .strictObject({
    real: z.literal(true).describe('Start the installed program instead of simulating it'),
    ...realProxySchema.shape,
  })
  .describe('An installed proxy, started on loopback in front of the target');

const settings = {
  target: z
    .string()
    .min(1)
    .optional()
    .describe('`mock` (the bundled server), or a base URL such as https://api.openai.com/v1')
    .meta({ examples: ['mock', 'https://api.openai.com/v1'] }),
  dialect: z
    .enum(dialectNames)
    .optional()
    .describe(`The API that is spoken. Default ${defaultDialect}`),
  transport: z
    .enum(transportNames)
    .optional()
    .describe(
      'What carries it: `http` (whole answers), `sse`, `websocket`. Default: the dialect’s usual one',
    ),
  via: z
    .enum(['wire', 'sdk'])
    .optional()
    .describe(
      '`wire`: streamgauge’s client; `sdk`: the API’s official package, where the dialect knows one. Default wire',
    ),
  http: z
    .literal(['1.1', '2', 1.1, 2])
    .optional()
    .describe('HTTP version; 2 needs https (the mock then uses its own certificate). Default 1.1'),
  tls: z
    .strictObject({
      verify: z.boolean().optional().describe('Whether the certificate is checked. Default true'),
      ca: z
        .string()
        .min(1)
        .optional()
        .describe('PEM file of the authority to trust, relative to the scenario'),
      terminate: z
        .boolean()
        .optional()
        .describe(
          'TLS ends at the relay of `network` and `faults` and begins again, so that faults can look inside; the client then trusts the relay’s certificate. Default false; for the mock it happens by itself where a fault needs it',
        ),
    })
    .optional()
    .describe('Certificates'),
  model: z
    .string()
    .min(1)
    .optional()
    .describe('Model to ask for; needed unless the target is the mock'),
  api_key: z
    .string()
    .optional()
    .describe(`From the environment only: \`\${${exampleKeyVariable}}\`. Never reaches a result`)
    .meta({ examples: [`\${${exampleKeyVariable}}`] }),
  headers: z
    .record(
      z.string().regex(/^[!#$%&'*+.^`|~\w-]+$/, 'not a header name'),
      z.union([z.string(), z.number()]),
    )
    .optional()
    .describe('Headers of every request and upgrade; secrets in them from the environment'),
  extra_body: z
    .record(z.string(), z.unknown())
    .optional()
    .describe('Members added to every request body, e.g. `temperature: 0`'),
  instructions: z.string().optional().describe('System or session instructions'),
  session: sessionSchema.optional(),
  history: z
    .enum(['keep', 'none'])
    .optional()
    .describe(
      'Whether a turn carries the turns before it. With `none` each `ask` begins a separate conversation on the same connection. Default keep',
    ),
  network: networkSchema.optional(),
  faults: z
    .array(faultSchema)
    .optional()
    .describe('What happens to the bytes between client and target, in the order they meet it'),
  proxy: z
    .union([proxySchema, installedProxySchema])
    .optional()
    .describe('A buffering proxy in front of the target, simulated or (`real: true`) installed'),
  objectives: z
    .strictObject({
      ttft: someTime().optional().describe('Longest time to first token'),
      e2e: someTime().optional().describe('Longest time to the end of a turn'),
      max_gap: someTime().optional().describe('Longest gap between two token events'),
      reading_pace: someTime()
        .optional()
        .describe(
          'Gap that a reader does not notice; base of `stalls`, `stall_ratio`, `fluidity_index`, `time_to_recover`. Default 150ms',
        ),
    })
    .optional()
    .describe('What every turn of a session must meet for the session to count as `goodput`'),
  timeouts: z
    .strictObject({
      connect: someTime().optional().describe('To a ready connection. Default 10s'),
      idle: someTime()
        .optional()
        .describe('Nothing at all arrives: the turn is `stalled`. Default 60s'),
      total: someTime().optional().describe('A whole turn: it is `timed_out`. Default 10m'),
    })
    .optional()
    .describe('When to give up'),
  leave: leaveSchema.optional(),
  reader: readerSchema.optional(),
  price: priceSchema.optional(),
  reconnect: reconnectSchema.optional(),
  verify: z
    .boolean()
    .optional()
    .describe(
      'Whether what each turn received is compared with what the mock sent. Default: where the target is the mock and `reconnect` is set',
    ),
  mock: mockSchema
    .optional()
    .describe('Settings of the mock server; used where the target is `mock`'),
  ...dialectOptionShape,
};

/** Keys of an arm laid over the defaults. `load` may be partial here. */
export const armOverrideSchema = z
  .strictObject({ ...settings, load: loadOverrideSchema.optional() })
  .describe('Overrides of one arm; whatever is absent comes from the top level')
  .meta({ id: 'Arm' });

/** An arm with the defaults under it: its load must be complete. */
export const mergedArmSchema = z.strictObject({ ...settings, load: loadSchema.optional() });

export type MergedArm = z.infer<typeof mergedArmSchema>;

/** For the top level, where the same keys are defaults. */
export const armDefaults = { ...settings, load: loadSchema.optional() };

export const armKeys = Object.keys(armDefaults) as (keyof typeof armDefaults)[];
