/** What one response is to be: the session's configuration with the overrides of `response.create`. */
import { z } from 'zod';
import type { OutputRequest } from '../../timing/output-plan.ts';
import { estimateTokens, seedKeyOf } from '../../timing/plan-output.ts';
import type { AudioFormat } from './audio/format.ts';
import { readItem, textOf, type Conversation, type Item, type StoredItem } from './items.ts';
import { EventProblem } from './problem.ts';
import { check } from './schema-problem.ts';
import { effectiveFormat, type RealtimeConfig } from './session-config.ts';
import {
  audioOutputSchema,
  maxOutputTokensSchema,
  metadataSchema,
  outputModalitiesSchema,
  promptSchema,
  reasoningSchema,
  toolChoiceSchema,
  toolsSchema,
  type ToolChoice,
  type Tools,
  type Voice,
} from './session-schema.ts';

const responseSchema = z.strictObject({
  conversation: z.enum(['auto', 'none']).optional(),
  input: z.array(z.unknown()).optional(),
  instructions: z.string().optional(),
  output_modalities: outputModalitiesSchema.optional(),
  audio: z.strictObject({ output: audioOutputSchema.omit({ speed: true }).optional() }).optional(),
  max_output_tokens: maxOutputTokensSchema.optional(),
  metadata: metadataSchema.nullable().optional(),
  tools: toolsSchema.optional(),
  tool_choice: toolChoiceSchema.optional(),
  parallel_tool_calls: z.boolean().optional(),
  prompt: promptSchema.nullable().optional(),
  reasoning: reasoningSchema.nullable().optional(),
});

export interface ResponseSettings {
  /** Whether it writes to the default conversation. */
  inConversation: boolean;
  modality: 'text' | 'audio';
  format: AudioFormat;
  voice: Voice;
  instructions: string;
  maxOutputTokens: number | 'inf';
  metadata: Record<string, string> | null;
  tools: Tools;
  toolChoice: ToolChoice;
  parallelToolCalls: boolean;
  reasoning: boolean;
  /** What the model is shown. */
  context: readonly StoredItem[];
}

function readInput(
  input: readonly unknown[],
  conversation: Conversation,
  newId: (prefix: string) => string,
): StoredItem[] {
  return input.map((entry, index) => {
    const root = `response.input[${index}]`;
    const reference = entry as { type?: unknown; id?: unknown } | null;
    if (reference?.type !== 'item_reference') {
      return { item: readItem(entry, root, newId), audioMs: 0 };
    }
    const found = typeof reference.id === 'string' ? conversation.find(reference.id) : undefined;
    if (!found) {
      throw new EventProblem(`Item with id '${String(reference.id)}' not found.`, {
        code: 'invalid_value',
        param: `${root}.id`,
      });
    }
    return found;
  });
}

/**
 * @param params - the `response` member of `response.create`; undefined for none.
 * @throws EventProblem naming the member that is wrong.
 */
export function readResponseSettings(
  params: unknown,
  config: RealtimeConfig,
  conversation: Conversation,
  newId: (prefix: string) => string,
): ResponseSettings {
  const read = params === undefined ? {} : check(responseSchema, params, 'response');
  const output = config.audio.output;
  const override = read.audio?.output;
  const format = override?.format;
  return {
    inConversation: read.conversation !== 'none',
    modality: (read.output_modalities ?? config.output_modalities)[0] ?? 'audio',
    format: format ? effectiveFormat(format) : output.format,
    voice: override?.voice ?? output.voice,
    instructions: read.instructions ?? config.instructions,
    maxOutputTokens: read.max_output_tokens ?? config.max_output_tokens,
    metadata: read.metadata ?? null,
    tools: read.tools ?? config.tools,
    toolChoice: read.tool_choice ?? config.tool_choice,
    parallelToolCalls: read.parallel_tool_calls ?? config.parallel_tool_calls ?? true,
    reasoning: (read.reasoning ?? config.reasoning)?.effort !== undefined,
    context: read.input ? readInput(read.input, conversation, newId) : [...conversation.items],
  };
}

export interface InputTokens {
  text: number;
  audio: number;
  image: number;
}

/** Input audio costs a token per 100 ms; the API's documentation of prices says so. */
const audioTokenMs = 100;
/** Tokens of an image at low detail. */
const imageTokens = 85;

const textTokens = (text: string): number => estimateTokens(text.length);

/** An estimate of what the context costs, by kind. */
export function inputTokens(settings: ResponseSettings): InputTokens {
  const toolText = settings.tools.length === 0 ? '' : JSON.stringify(settings.tools);
  const sum: InputTokens = {
    text: textTokens(settings.instructions) + textTokens(toolText),
    audio: 0,
    image: 0,
  };
  for (const { item, audioMs } of settings.context) {
    sum.audio += Math.ceil(audioMs / audioTokenMs);
    // What is heard is not also read: a spoken part's transcript costs nothing.
    if (audioMs === 0) sum.text += textTokens(textOf(item));
    if (item.type !== 'message') continue;
    sum.image += imageTokens * item.content.filter((part) => part.type === 'input_image').length;
  }
  return sum;
}

function isFromUser(item: Item): boolean {
  return item.type === 'function_call_output' || (item.type === 'message' && item.role === 'user');
}

/** The last thing the model was told; spoken words count by their length where there is no transcript. */
function lastText(settings: ResponseSettings): string {
  const last = settings.context.findLast(({ item }) => isFromUser(item));
  return last ? textOf(last.item) || `audio/${Math.round(last.audioMs)}` : '';
}

interface FunctionTool {
  name: string;
  parameters?: Readonly<Record<string, unknown>> | null;
}

/** The planner's view of a response. */
export function outputRequest(
  settings: ResponseSettings,
  tokens: InputTokens,
  streamId: string | undefined,
): OutputRequest {
  const choice = settings.toolChoice;
  const functions = settings.tools.filter(
    (tool): tool is typeof tool & FunctionTool => tool.type === 'function',
  );
  const forced = typeof choice === 'object' && choice.type === 'function' ? choice.name : undefined;
  return {
    seedKey: seedKeyOf(streamId, lastText(settings), settings.context.length),
    inputTokens: tokens.text + tokens.audio + tokens.image,
    maxTokens: settings.maxOutputTokens === 'inf' ? undefined : settings.maxOutputTokens,
    tools: functions.map((tool) => tool.name),
    toolParameters: Object.fromEntries(functions.map((tool) => [tool.name, tool.parameters])),
    ...(forced !== undefined && functions.some((tool) => tool.name === forced)
      ? { forcedTool: forced }
      : {}),
    toolChoice: typeof choice === 'object' ? 'required' : choice,
    parallelToolCalls: settings.parallelToolCalls,
    reasoning: settings.reasoning,
    modality: settings.modality,
  };
}
