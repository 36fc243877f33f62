/**
 * The Realtime API (GA) over WebSocket: text and audio.
 *
 * The clock of a typed turn starts with `response.create`. A spoken turn is sent in real time; with
 * push-to-talk its clock starts with `response.create` after the commit, with server VAD when the
 * last chunk that holds speech is sent, so that the time to first audio contains the silence the
 * server waits for, as it does for a person.
 */
import type { LandmarkDefinition } from '../../../metric/landmark.ts';
import type { Frame, WireMessage, WireRequest } from '../../../transport/transport.ts';
import { z } from 'zod';
import {
  defineDialect,
  type Conversation,
  type ConversationOptions,
  type MeaningSink,
  type TerminalStatus,
  type ToolCall,
  type TurnInput,
} from '../../dialect.ts';
import { option, type OptionValues } from '../../options.ts';
import { areWhole, argumentsComplete } from '../../shared/landmarks.ts';
import { responseEventKind } from '../../shared/response-events.ts';
import {
  arrayAt,
  isObject,
  objectAt,
  parseFrame,
  reportError,
  reportUsage,
  textAt,
  type JsonObject,
} from '../../shared/json.ts';

/** 16-bit mono PCM at 24 kHz: 48 bytes a millisecond. */
const pcmBytesPerMs = 48;
/** Silence sent after speech under server VAD, ms: above the longest usual silence_duration_ms. */
const trailingSilenceMs = 1200;

const options = {
  modality: option(
    z.enum(['text', 'audio']).describe('What the model answers with. Default text'),
    'text',
  ),
  turn_detection: option(
    z
      .enum(['server_vad', 'none'])
      .describe(
        'Who detects that the speaker has finished: the server, or (`none`) the client, which then asks for the answer. Default none',
      ),
    'none',
  ),
};

type Options = ConversationOptions<OptionValues<typeof options>>;

const firstTranscript = {
  name: 'first_transcript',
  title: 'First transcript',
  meaning: 'A caption of the spoken answer can begin.',
  to: 'first piece of the transcript of the spoken answer that is not empty',
} as const satisfies LandmarkDefinition;

class RealtimeConversation implements Conversation {
  readonly greeting: NonNullable<Conversation['greeting']>;
  private readonly options: Options;
  private calls: ToolCall[] = [];
  private configured = '';

  constructor(options: Options) {
    this.options = options;
    const { modality, turn_detection: detection } = options.dialectOptions;
    const turnDetection = detection === 'server_vad' ? { type: 'server_vad' } : null;
    this.greeting = {
      messages: [
        {
          body: {
            type: 'session.update',
            session: {
              type: 'realtime',
              output_modalities: [modality],
              audio: { input: { turn_detection: turnDetection } },
              ...options.extraBody,
            },
          },
        },
      ],
      isReady: (frame) =>
        frame.json === undefined
          ? frame.data.includes('"session.updated"')
          : (frame.json as { type?: unknown }).type === 'session.updated',
    };
  }

  ask(input: TurnInput): WireRequest {
    this.calls = [];
    const messages: WireMessage[] = [...this.sessionChanges(input)];
    const { content } = input;
    const respond: WireMessage = {
      startsClock: true,
      body: {
        type: 'response.create',
        response: {
          ...(input.maxTokens === undefined
            ? {}
            : { max_output_tokens: Math.min(4096, Math.max(1, input.maxTokens)) }),
          ...(input.toolChoice === undefined ? {} : { tool_choice: input.toolChoice }),
        },
      },
    };
    if (content.kind === 'prompt') {
      messages.push(
        itemMessage({
          type: 'message',
          role: 'user',
          content: [{ type: 'input_text', text: content.text }],
        }),
        respond,
      );
    } else if (content.kind === 'tool_results') {
      for (const { callId, output } of content.results) {
        messages.push(itemMessage({ type: 'function_call_output', call_id: callId, output }));
      }
      messages.push(respond);
    } else {
      messages.push(...this.speech(content.pcm, content.chunkMs));
      if (this.options.dialectOptions.turn_detection === 'none') {
        messages.push({ body: { type: 'input_audio_buffer.commit' } }, respond);
      }
    }
    return {
      streamId: input.streamId,
      method: 'GET',
      path: realtimePath(this.options.model),
      messages,
    };
  }

  decode(frame: Frame, sink: MeaningSink): void {
    const json = parseFrame(frame, sink);
    if (!json) return;
    const type = json['type'];
    switch (type) {
      // The beta names are still what several compatible servers send.
      case 'response.output_audio.delta':
      case 'response.audio.delta': {
        const audio = textAt(json, 'delta');
        if (audio === '') sink.progress();
        else sink.token('audio', audio, (audio.length * 3) / 4 / pcmBytesPerMs);
        return;
      }
      case 'response.output_text.delta':
      case 'response.text.delta': {
        const text = textAt(json, 'delta');
        if (text === '') sink.progress();
        else sink.token('content', text);
        return;
      }
      case 'response.function_call_arguments.delta': {
        const text = textAt(json, 'delta');
        if (text === '') sink.progress();
        else sink.token('tool_arguments', text);
        return;
      }
      case 'response.output_audio_transcript.delta':
      case 'response.audio_transcript.delta':
        sink.progress();
        if (textAt(json, 'delta') !== '') sink.landmark(firstTranscript.name);
        return;
      case 'response.function_call_arguments.done':
        sink.progress();
        if (areWhole(json['arguments'])) sink.landmark(argumentsComplete.name);
        return;
      case 'response.output_item.done': {
        sink.progress();
        // Some servers leave out the event that ends the arguments.
        const item = objectAt(json, 'item');
        if (item?.['type'] === 'function_call' && areWhole(item['arguments'])) {
          sink.landmark(argumentsComplete.name);
        }
        return;
      }
      case 'response.done':
        this.finish(objectAt(json, 'response') ?? {}, sink);
        return;
      case 'error':
        // The answer was over before our cancel had come.
        if (textAt(objectAt(json, 'error') ?? {}, 'code') === 'response_cancel_not_active') return;
        reportError(json['error'] ?? json, sink);
        return;
      case undefined:
        sink.malformed('a message without a type');
        return;
      default:
        // Acknowledgements of the client's items and of the session are not part of the answer.
        if (typeof type === 'string' && type.startsWith('response.')) sink.progress();
    }
  }

  cancel(): { message: WireMessage } {
    return { message: { body: { type: 'response.cancel' } } };
  }

  pendingToolCalls(): readonly ToolCall[] {
    return this.calls;
  }

  /** Instructions and tools belong to the session; sent again only when they change. */
  private sessionChanges(input: TurnInput): WireMessage[] {
    const changes = {
      ...(input.instructions === undefined ? {} : { instructions: input.instructions }),
      ...(input.tools.length === 0
        ? {}
        : { tools: input.tools.map((tool) => ({ type: 'function', ...tool })) }),
    };
    const text = JSON.stringify(changes);
    if (text === '{}' || text === this.configured) return [];
    this.configured = text;
    return [{ body: { type: 'session.update', session: { type: 'realtime', ...changes } } }];
  }

  private speech(pcm: Uint8Array, chunkMs: number): WireMessage[] {
    const messages: WireMessage[] = [];
    const chunkBytes = chunkMs * pcmBytesPerMs;
    for (let at = 0; at < pcm.length; at += chunkBytes) {
      messages.push(appendMessage(pcm.subarray(at, at + chunkBytes), chunkMs));
    }
    if (this.options.dialectOptions.turn_detection === 'server_vad') {
      const last = messages.at(-1);
      if (last) messages[messages.length - 1] = { ...last, startsClock: true };
      const silence = new Uint8Array(chunkBytes);
      for (let ms = 0; ms < trailingSilenceMs; ms += chunkMs) {
        messages.push(appendMessage(silence, chunkMs));
      }
    }
    return messages;
  }

  private finish(response: JsonObject, sink: MeaningSink): void {
    for (const item of arrayAt(response, 'output')) {
      if (!isObject(item) || item['type'] !== 'function_call') continue;
      this.calls.push({
        callId: textAt(item, 'call_id'),
        name: textAt(item, 'name'),
        arguments: textAt(item, 'arguments'),
      });
    }
    const usage = objectAt(response, 'usage');
    if (usage) reportUsage(usage, 'input/output', sink);
    const status = textAt(response, 'status');
    if (status === 'failed') {
      const details = objectAt(response, 'status_details');
      reportError(details?.['error'] ?? 'response failed', sink);
      return;
    }
    const known: readonly TerminalStatus[] = ['completed', 'incomplete', 'cancelled'];
    sink.terminal(known.find((name) => name === status) ?? 'completed');
  }
}

function itemMessage(item: Record<string, unknown>): WireMessage {
  return { body: { type: 'conversation.item.create', item } };
}

function appendMessage(pcm: Uint8Array, chunkMs: number): WireMessage {
  const audio = Buffer.from(pcm.buffer, pcm.byteOffset, pcm.byteLength).toString('base64');
  return { body: { type: 'input_audio_buffer.append', audio }, afterMs: chunkMs };
}

function realtimePath(model: string): string {
  return `/realtime?model=${encodeURIComponent(model)}`;
}

export const openaiRealtime = defineDialect({
  name: 'openai-realtime',
  transports: ['websocket'],
  options,
  supports: {
    audioInput: true,
    tools: true,
    freshTurns: false,
    resume: [],
    cancel: 'message',
    verify: false,
    diagnose: undefined,
    sdk: async () => (await import('./sdk.ts')).sdk,
  },
  landmarks: [argumentsComplete, firstTranscript],
  summary: 'Realtime API (GA) over WebSocket: text and audio',
  webSocketPath: realtimePath,
  authorize: (apiKey) => ({ authorization: `Bearer ${apiKey}` }),
  eventKind: responseEventKind,
  start: (settings) => new RealtimeConversation(settings),
});
