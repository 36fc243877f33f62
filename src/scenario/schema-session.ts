/** `session:`, `prompts:` and `variables:` — what one session does. */
import { z } from 'zod';
import { counts, durations, someTime } from '../settings/fields.ts';

const tool = z
  .union([
    z.string().regex(/^[\w-]{1,64}$/, 'a tool’s name has 1 to 64 letters, digits, _ or -'),
    z.strictObject({
      name: z
        .string()
        .regex(/^[\w-]{1,64}$/, 'a tool’s name has 1 to 64 letters, digits, _ or -')
        .describe('1 to 64 letters, digits, _ or -'),
      description: z.string().optional().describe('What the tool does, for the model'),
      parameters: z
        .record(z.string(), z.unknown())
        .optional()
        .describe('JSON Schema of its arguments'),
    }),
  ])
  .meta({ id: 'Tool' });

const answer = {
  max_tokens: counts()
    .optional()
    .describe('Most output tokens: a number, or a distribution such as "uniform(32, 128)"'),
  tools: z
    .array(tool)
    .optional()
    .describe('Tools on offer from here on: names or full definitions. Default: as before'),
  tool_choice: z
    .enum(['auto', 'required', 'none'])
    .optional()
    .describe('Whether the answer must call a tool; for this turn only'),
};

const promptText = z.string().min(1, 'must not be empty').describe('May contain `{{name}}`');

const ask = z.union([promptText, z.strictObject({ prompt: promptText, ...answer })]);

const toolResult = z.union([
  z.string(),
  z.strictObject({ output: z.string().describe('May contain `{{name}}`'), ...answer }),
]);

const speak = z.union([
  someTime(),
  z.strictObject({
    synthetic: someTime().optional().describe('Length of made-up speech, e.g. 2s'),
    file: z
      .string()
      .min(1)
      .optional()
      .describe('Raw 16-bit little-endian mono PCM at 24 kHz, relative to the scenario'),
    chunk: someTime()
      .optional()
      .describe('Audio in one message, sent at the pace of speech. Default 100ms'),
  }),
]);

/** One step: an object with one key. */
export interface StepInput {
  ask?: z.infer<typeof ask> | undefined;
  tool_result?: z.infer<typeof toolResult> | undefined;
  think?: string | undefined;
  speak?: z.infer<typeof speak> | undefined;
  repeat?: { times: number; steps: StepInput[] } | undefined;
}

export const stepKinds = ['ask', 'tool_result', 'think', 'speak', 'repeat'] as const;

export const stepSchema: z.ZodType<StepInput, StepInput> = z
  .strictObject({
    ask: ask.optional().describe('Ask something and read the answer to its end'),
    tool_result: toolResult
      .optional()
      .describe('Answer the pending tool calls; skipped, and counted, where there are none'),
    think: durations().optional().describe('Do nothing for a while: "100ms", "exponential(2s)"'),
    speak: speak
      .optional()
      .describe(
        'Speak in real time and receive the answer (dialects with audio): a length, or a file',
      ),
    repeat: z
      .strictObject({
        times: z.int().positive().describe('How often'),
        get steps() {
          return z.array(stepSchema).min(1).describe('What is repeated');
        },
      })
      .optional()
      .describe('Do some steps several times'),
  })
  .superRefine((step, context) => {
    const given = stepKinds.filter((kind) => step[kind] !== undefined);
    if (given.length === 1) return;
    context.addIssue({
      code: 'custom',
      message:
        given.length === 0
          ? `a step needs one of ${stepKinds.join(', ')}`
          : `a step does one thing, not ${given.join(' and ')}; write a step for each`,
    });
  })
  .meta({ id: 'Step', minProperties: 1, maxProperties: 1 });

export const sessionSchema = z
  .array(stepSchema)
  .min(1)
  .describe('Steps of one session, in order: `ask`, `tool_result`, `think`, `speak`, `repeat`');

export const shorthand = {
  prompt: promptText
    .optional()
    .describe('Short for a session of one `ask`; may contain `{{name}}`'),
  max_tokens: counts().optional().describe('Goes with `prompt`'),
};

export const promptsSchema = z
  .strictObject({
    list: z.array(z.string().min(1)).min(1).optional().describe('The texts'),
    file: z
      .string()
      .min(1)
      .optional()
      .describe(
        'A text file with one prompt per line, JSONL with a `prompt` member, or a JSON list; relative to the scenario',
      ),
    order: z
      .enum(['sequential', 'shuffled'])
      .optional()
      .describe('Session i takes text i, or text i of a seeded shuffle. Default sequential'),
  })
  .describe('Texts for `{{prompt}}`; each session takes one, the same in every arm');

export const variablesSchema = z
  .record(
    z.string().regex(/^[\w-]+$/, 'a variable’s name has letters, digits, _ or -'),
    z.union([z.string(), z.number()]),
  )
  .describe('Values for `{{name}}` in prompts and tool results');
