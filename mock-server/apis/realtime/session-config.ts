/**
 * The effective configuration of a session: its defaults, and how an update changes it. Only
 * present members change; null clears what can be cleared.
 */
import { pcm, type AudioFormat } from './audio/format.ts';
import type { VadSettings } from './audio/vad.ts';
import { EventProblem } from './problem.ts';
import { check } from './schema-problem.ts';
import {
  sessionUpdateSchema,
  type AudioInputUpdate,
  type AudioOutputUpdate,
  type RealtimeUpdate,
  type SessionUpdate,
  type ToolChoice,
  type Tools,
  type Transcription,
  type Voice,
} from './session-schema.ts';

export interface ServerVad {
  type: 'server_vad';
  threshold: number;
  prefix_padding_ms: number;
  silence_duration_ms: number;
  idle_timeout_ms: number | null;
  create_response: boolean;
  interrupt_response: boolean;
}

export interface SemanticVad {
  type: 'semantic_vad';
  eagerness: 'low' | 'medium' | 'high' | 'auto';
  create_response: boolean;
  interrupt_response: boolean;
}

export type TurnDetection = ServerVad | SemanticVad;

export interface AudioInput {
  format: AudioFormat;
  transcription: Transcription | null;
  noise_reduction: { type: string } | null;
  turn_detection: TurnDetection | null;
}

export interface RealtimeConfig {
  type: 'realtime';
  object: 'realtime.session';
  id: string;
  model: string;
  output_modalities: ('text' | 'audio')[];
  instructions: string;
  tools: Tools;
  tool_choice: ToolChoice;
  parallel_tool_calls?: boolean;
  max_output_tokens: number | 'inf';
  reasoning?: { effort?: string | undefined } | null;
  tracing: unknown;
  truncation: unknown;
  prompt: unknown;
  /** Unix seconds. */
  expires_at: number;
  audio: { input: AudioInput; output: { format: AudioFormat; voice: Voice; speed: number } };
  include: string[] | null;
}

export interface TranscriptionConfig {
  type: 'transcription';
  object: 'realtime.transcription_session';
  id: string;
  expires_at: number;
  audio: { input: AudioInput };
  include: string[] | null;
}

export type SessionConfig = RealtimeConfig | TranscriptionConfig;

const defaultServerVad: ServerVad = {
  type: 'server_vad',
  threshold: 0.5,
  prefix_padding_ms: 300,
  silence_duration_ms: 200,
  idle_timeout_ms: null,
  create_response: true,
  interrupt_response: true,
};

const defaultSemanticVad: SemanticVad = {
  type: 'semantic_vad',
  eagerness: 'auto',
  create_response: true,
  interrupt_response: true,
};

/** What a new session says before any update. */
export function defaultConfig(
  type: SessionConfig['type'],
  identity: { id: string; model: string; expiresAt: number },
): SessionConfig {
  const input: AudioInput = {
    format: pcm,
    transcription: null,
    noise_reduction: null,
    turn_detection: { ...defaultServerVad },
  };
  if (type === 'transcription') {
    return {
      type,
      object: 'realtime.transcription_session',
      id: identity.id,
      expires_at: identity.expiresAt,
      audio: { input },
      include: null,
    };
  }
  return {
    type,
    object: 'realtime.session',
    id: identity.id,
    model: identity.model,
    output_modalities: ['audio'],
    instructions: 'You are the voice of a mock server. Speak in made-up words.',
    tools: [],
    tool_choice: 'auto',
    max_output_tokens: 'inf',
    tracing: null,
    truncation: 'auto',
    prompt: null,
    expires_at: identity.expiresAt,
    audio: { input, output: { format: pcm, voice: 'marin', speed: 1 } },
    include: null,
  };
}

export function readUpdate(input: unknown): SessionUpdate {
  return check(sessionUpdateSchema, input, 'session');
}

/** A format as written (the rate of PCM may be left out), in full. */
export function effectiveFormat(format: { type: AudioFormat['type'] }): AudioFormat {
  return format.type === 'audio/pcm' ? pcm : { type: format.type };
}

/** Copies the members of `update` that are present. */
function assignPresent<T extends object>(target: T, update: object): T {
  for (const [key, value] of Object.entries(update)) {
    if (value !== undefined) (target as Record<string, unknown>)[key] = value;
  }
  return target;
}

function mergeInput(input: AudioInput, update: AudioInputUpdate): AudioInput {
  const { format, turn_detection: detection, ...rest } = update;
  const merged = assignPresent({ ...input }, rest);
  if (format) merged.format = effectiveFormat(format);
  if (detection === null) merged.turn_detection = null;
  if (detection) {
    const kept = input.turn_detection?.type === detection.type ? input.turn_detection : undefined;
    const base = kept ?? (detection.type === 'server_vad' ? defaultServerVad : defaultSemanticVad);
    merged.turn_detection = assignPresent<TurnDetection>({ ...base }, detection);
  }
  return merged;
}

function mergeOutput(
  output: RealtimeConfig['audio']['output'],
  update: AudioOutputUpdate,
): RealtimeConfig['audio']['output'] {
  const { format, ...rest } = update;
  const merged = assignPresent({ ...output }, rest);
  if (format) merged.format = effectiveFormat(format);
  return merged;
}

/** What of the session's past limits an update. */
export interface UpdateContext {
  /** Whether the session has produced audio: its voice is fixed from then on. */
  spoken: boolean;
}

function mergeRealtime(
  config: RealtimeConfig,
  update: RealtimeUpdate,
  context: UpdateContext,
): RealtimeConfig {
  const { audio, instructions, tools, model, ...rest } = update;
  if (model !== undefined && model !== config.model) {
    throw new EventProblem(
      `The model of a session cannot be changed: it is '${config.model}', not '${model}'.`,
      { code: 'invalid_value', param: 'session.model' },
    );
  }
  const voice = audio?.output?.voice;
  if (
    context.spoken &&
    voice !== undefined &&
    JSON.stringify(voice) !== JSON.stringify(config.audio.output.voice)
  ) {
    throw new EventProblem("Cannot update a conversation's voice if assistant audio is present.", {
      code: 'cannot_update_voice',
      param: 'session.audio.output.voice',
    });
  }
  const merged = assignPresent({ ...config }, rest);
  if (instructions !== undefined) merged.instructions = instructions ?? '';
  if (tools !== undefined) merged.tools = tools ?? [];
  merged.audio = {
    input: mergeInput(config.audio.input, audio?.input ?? {}),
    output: mergeOutput(config.audio.output, audio?.output ?? {}),
  };
  return merged;
}

/**
 * The configuration after an update; the old one is left as it is.
 *
 * @throws EventProblem for an update that the session does not allow.
 */
export function applyUpdate(
  config: SessionConfig,
  update: SessionUpdate,
  context: UpdateContext,
): SessionConfig {
  if (config.type === 'realtime' && update.type === 'realtime') {
    return mergeRealtime(config, update, context);
  }
  if (config.type === 'transcription' && update.type === 'transcription') {
    const { audio, ...rest } = update;
    const merged = assignPresent({ ...config }, rest);
    merged.audio = { input: mergeInput(config.audio.input, audio?.input ?? {}) };
    return merged;
  }
  throw new EventProblem(
    `Invalid value: '${update.type}'. The type of a session cannot be changed; it is '${config.type}'.`,
    { code: 'invalid_value', param: 'session.type' },
  );
}

// The real semantic detector waits at most 8, 4 or 2 s and usually decides earlier. Without a model,
// every utterance counts as complete; the pauses below only keep the order of eagerness.
const semanticPauseMs = { low: 1200, medium: 600, auto: 600, high: 300 } as const;

/** How the energy detector imitates a configured one. */
export function vadSettings(detection: TurnDetection): VadSettings {
  if (detection.type === 'semantic_vad') {
    return {
      threshold: defaultServerVad.threshold,
      prefixPaddingMs: defaultServerVad.prefix_padding_ms,
      silenceDurationMs: semanticPauseMs[detection.eagerness],
    };
  }
  return {
    threshold: detection.threshold,
    prefixPaddingMs: detection.prefix_padding_ms,
    silenceDurationMs: detection.silence_duration_ms,
  };
}
