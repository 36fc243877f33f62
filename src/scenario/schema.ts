/**
 * The scenario file: everything a user may write, strict at every depth. The JSON Schema, the
 * reference page and the input type of the library come from here.
 */
import { z } from 'zod';
import { armDefaults, armOverrideSchema } from './schema-arm.ts';
import { promptsSchema, shorthand, variablesSchema } from './schema-session.ts';

const varied = z.union([z.string(), z.number(), z.boolean()]);

export const scenarioSchema = z
  .strictObject({
    $schema: z.string().optional().describe('Address of the JSON Schema, for editors'),
    name: z.string().min(1).optional().describe('Heading of the reports. Default: the file’s name'),
    description: z.string().optional().describe('The question that the scenario answers'),
    seed: z
      .union([z.string().min(1), z.number()])
      .optional()
      .describe('Seeds prompts, lengths, arrivals and the mock’s answers. Default 1'),
    trials: z
      .int()
      .positive()
      .max(1000)
      .optional()
      .describe('How often every arm is run, the arms taking turns. Default 1'),
    arms: z
      .record(z.string(), armOverrideSchema)
      .optional()
      .describe('What is compared, by name. Absent: one arm, named after its transport'),
    matrix: z
      .record(z.string(), z.array(varied).min(1))
      .optional()
      .describe(
        'Values to run every arm with, by path: `network.rtt: [1ms, 40ms]` makes arms `NAME @ rtt=1ms` and `NAME @ rtt=40ms`. Several paths are combined, each with each; with two, reports draw a heat map',
      )
      .meta({ examples: [{ 'network.rtt': ['1ms', '50ms'], 'network.loss': ['0%', '2%'] }] }),
    heatmap: z
      .array(z.string())
      .min(1)
      .optional()
      .describe(
        'What the heat maps of a matrix show, as gates name it: `stall_ratio.mean`, `ttft.p95`, `stalls`. Default stall_ratio.mean, longest_stall.p95, ttft.p95',
      )
      .meta({ examples: [['stalls', 'ttft.p95']] }),
    ...shorthand,
    prompts: promptsSchema.optional(),
    variables: variablesSchema.optional(),
    gates: z
      .array(z.string())
      .optional()
      .describe('What must hold: `ttft.p95 < 400ms`, `errors < 1%`, `a.e2e.p50 vs b <= -10%`')
      .meta({ examples: [['ttft.p95 < 400ms', 'errors < 1%']] }),
    ...armDefaults,
  })
  .describe('A streamgauge scenario');

/** What a user writes, as YAML, JSON or an object. */
export type ScenarioInput = z.input<typeof scenarioSchema>;
