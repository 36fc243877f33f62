/**
 * What a client may write in `session.update` and in the `session` of a client secret (GA shape).
 * Strict: the API refuses members it does not know.
 */
import { z } from 'zod';

const audioFormatSchema = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('audio/pcm'), rate: z.literal(24000).optional() }),
  z.strictObject({ type: z.literal('audio/pcmu') }),
  z.strictObject({ type: z.literal('audio/pcma') }),
]);

const serverVad = z.strictObject({
  type: z.literal('server_vad'),
  threshold: z.number().min(0).max(1).optional(),
  prefix_padding_ms: z.int().min(0).optional(),
  silence_duration_ms: z.int().min(0).optional(),
  create_response: z.boolean().optional(),
  interrupt_response: z.boolean().optional(),
  idle_timeout_ms: z.int().min(5000).max(30000).nullable().optional(),
});

const semanticVad = z.strictObject({
  type: z.literal('semantic_vad'),
  eagerness: z.enum(['low', 'medium', 'high', 'auto']).optional(),
  create_response: z.boolean().optional(),
  interrupt_response: z.boolean().optional(),
});

const turnDetection = z.discriminatedUnion('type', [serverVad, semanticVad]);

const transcription = z.strictObject({
  model: z.string().min(1).optional(),
  language: z.string().optional(),
  prompt: z.string().optional(),
  delay: z.string().optional(),
});

const audioInput = z.strictObject({
  format: audioFormatSchema.optional(),
  transcription: transcription.nullable().optional(),
  noise_reduction: z
    .strictObject({ type: z.enum(['near_field', 'far_field']) })
    .nullable()
    .optional(),
  turn_detection: turnDetection.nullable().optional(),
});

const voice = z.union([z.string().min(1), z.strictObject({ id: z.string().min(1) })]);

export const audioOutputSchema = z.strictObject({
  format: audioFormatSchema.optional(),
  voice: voice.optional(),
  speed: z.number().min(0.25).max(1.5).optional(),
});

const functionTool = z.strictObject({
  type: z.literal('function'),
  name: z.string().min(1).max(64),
  description: z.string().optional(),
  parameters: z.record(z.string(), z.unknown()).nullable().optional(),
});

// Kept and shown, never called: the mock has no MCP servers to talk to.
const mcpTool = z.looseObject({ type: z.literal('mcp'), server_label: z.string().min(1) });

export const toolsSchema = z.array(z.discriminatedUnion('type', [functionTool, mcpTool]));

export const toolChoiceSchema = z.union([
  z.enum(['none', 'auto', 'required']),
  z.strictObject({ type: z.literal('function'), name: z.string() }),
  z.strictObject({
    type: z.literal('mcp'),
    server_label: z.string(),
    name: z.string().nullable().optional(),
  }),
]);

export const outputModalitiesSchema = z
  .array(z.enum(['text', 'audio']))
  .refine((list) => list.length === 1, {
    message: "expected exactly one of ['text'] or ['audio']",
  });

export const maxOutputTokensSchema = z.union([z.int().min(1).max(4096), z.literal('inf')]);

export const metadataSchema = z.record(z.string(), z.string());

const tracing = z.union([
  z.literal('auto'),
  z.strictObject({
    workflow_name: z.string().optional(),
    group_id: z.string().optional(),
    metadata: z.unknown().optional(),
  }),
]);

const truncation = z.union([
  z.enum(['auto', 'disabled']),
  z.strictObject({
    type: z.literal('retention_ratio'),
    retention_ratio: z.number().min(0).max(1),
    token_limits: z.strictObject({ post_instructions: z.int().min(0).optional() }).optional(),
  }),
]);

export const promptSchema = z.looseObject({ id: z.string().min(1) });

export const reasoningSchema = z.strictObject({
  effort: z.enum(['minimal', 'low', 'medium', 'high', 'xhigh']).optional(),
});

const include = z.array(z.enum(['item.input_audio_transcription.logprobs']));

export const realtimeUpdateSchema = z.strictObject({
  type: z.literal('realtime'),
  model: z.string().min(1).optional(),
  output_modalities: outputModalitiesSchema.optional(),
  instructions: z.string().nullable().optional(),
  tools: toolsSchema.nullable().optional(),
  tool_choice: toolChoiceSchema.optional(),
  parallel_tool_calls: z.boolean().optional(),
  max_output_tokens: maxOutputTokensSchema.optional(),
  reasoning: reasoningSchema.nullable().optional(),
  tracing: tracing.nullable().optional(),
  truncation: truncation.optional(),
  prompt: promptSchema.nullable().optional(),
  include: include.nullable().optional(),
  audio: z
    .strictObject({ input: audioInput.optional(), output: audioOutputSchema.optional() })
    .optional(),
});

const transcriptionUpdateSchema = z.strictObject({
  type: z.literal('transcription'),
  include: include.nullable().optional(),
  audio: z.strictObject({ input: audioInput.optional() }).optional(),
});

export const sessionUpdateSchema = z.discriminatedUnion('type', [
  realtimeUpdateSchema,
  transcriptionUpdateSchema,
]);

export type SessionUpdate = z.output<typeof sessionUpdateSchema>;
export type RealtimeUpdate = z.output<typeof realtimeUpdateSchema>;
export type Tools = z.output<typeof toolsSchema>;
export type ToolChoice = z.output<typeof toolChoiceSchema>;
export type Voice = z.output<typeof voice>;
export type Transcription = z.output<typeof transcription>;
export type AudioInputUpdate = z.output<typeof audioInput>;
export type AudioOutputUpdate = z.output<typeof audioOutputSchema>;
