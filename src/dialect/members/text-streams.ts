/**
 * Event streams that are resumed by an offset into their text, as vercel/resumable-stream and its
 * like do; the bundled mock server has them at `/streams`, and docs/resume.md describes them.
 *
 * The offset counts the text of every event that was dispatched, blank lines included, and nothing of
 * one that was cut. The `start` event says whether it counts UTF-16 units (JavaScript's string
 * length, the default) or UTF-8 bytes.
 */
import type { Frame, WireRequest } from '../../transport/transport.ts';
import {
  defineDialect,
  type Conversation,
  type ConversationOptions,
  type MeaningSink,
  type TerminalStatus,
  type ToolCall,
  type TurnInput,
} from '../dialect.ts';
import { objectAt, numberAt, parseFrame, textAt, type JsonObject } from '../shared/json.ts';
import { typedEventKind } from '../shared/typed-event-kind.ts';
import { PlainHistory } from '../shared/plain-history.ts';

class TextStreamConversation implements Conversation {
  private readonly options: ConversationOptions<object>;
  private readonly history: PlainHistory;
  private stream = '';
  private unit: 'utf16' | 'bytes' = 'utf16';
  private units = { utf16: 0, bytes: 0 };
  private finished: TerminalStatus | undefined;

  constructor(options: ConversationOptions<object>) {
    this.options = options;
    this.history = new PlainHistory(options.keepsHistory);
  }

  ask(input: TurnInput): WireRequest {
    this.stream = '';
    this.units = { utf16: 0, bytes: 0 };
    this.finished = undefined;
    const { model, stream, extraBody } = this.options;
    return {
      streamId: input.streamId,
      method: 'POST',
      path: '/streams',
      body: { model, ...this.history.ask(input), stream, ...extraBody },
    };
  }

  resume(streamId: string): WireRequest | undefined {
    if (this.stream === '') return undefined;
    const offset = this.units[this.unit];
    return {
      streamId,
      method: 'GET',
      path: `/streams/${encodeURIComponent(this.stream)}?offset=${offset}`,
    };
  }

  decode(frame: Frame, sink: MeaningSink): void {
    if (this.options.resumable) this.count(frame);
    if (frame.data === '[DONE]') {
      this.history.answered();
      sink.terminal(this.finished ?? 'completed');
      return;
    }
    const json = parseFrame(frame, sink);
    if (json) this.decodeEvent(json, sink);
  }

  /** The body may end after `finish` without `[DONE]`. */
  atCleanEnd(): TerminalStatus | undefined {
    return this.finished;
  }

  pendingToolCalls(): readonly ToolCall[] {
    return [];
  }

  private decodeEvent(json: JsonObject, sink: MeaningSink): void {
    const delta = textAt(json, 'delta');
    switch (json['type']) {
      case 'text-delta':
        this.history.answer(delta);
        if (delta === '') sink.progress();
        else sink.token('content', delta);
        return;
      case 'reasoning-delta':
        if (delta === '') sink.progress();
        else sink.token('reasoning', delta);
        return;
      case 'start':
        this.stream = textAt(json, 'streamId');
        if (json['offsetUnit'] === 'bytes') this.unit = 'bytes';
        sink.progress();
        return;
      case 'finish':
        this.finish(json, sink);
        return;
      case 'abort':
        sink.terminal('cancelled');
        return;
      case 'error':
        sink.error('error', textAt(json, 'errorText'));
        return;
      case undefined:
        sink.malformed('an event without a type');
        return;
      default:
        sink.progress();
    }
  }

  private finish(json: JsonObject, sink: MeaningSink): void {
    this.finished = json['finishReason'] === 'length' ? 'incomplete' : 'completed';
    const usage = objectAt(json, 'usage');
    const inputTokens = usage && numberAt(usage, 'inputTokens');
    const outputTokens = usage && numberAt(usage, 'outputTokens');
    const reasoningTokens = usage && numberAt(usage, 'reasoningTokens');
    if (!usage) {
      sink.progress();
      return;
    }
    sink.usage({
      ...(inputTokens === undefined ? {} : { inputTokens }),
      ...(outputTokens === undefined ? {} : { outputTokens }),
      ...(reasoningTokens === undefined ? {} : { reasoningTokens }),
    });
  }

  /** Adds a dispatched event to the offset; the mock's stamp on it is not part of the stream's text. */
  private count(frame: Frame): void {
    const stamp =
      frame.truthIndex < 0 ? 0 : `: sg ${frame.truthIndex} ${frame.truthSentAt}\n`.length;
    const bytes = frame.bytes - stamp;
    this.units.bytes += bytes;
    // Everything but the data is ASCII.
    this.units.utf16 += bytes - (Buffer.byteLength(frame.data) - frame.data.length);
  }
}

export const textStreams = defineDialect({
  name: 'text-streams',
  transports: ['sse'],
  options: {},
  supports: {
    audioInput: false,
    tools: false,
    freshTurns: true,
    resume: ['sse'],
    cancel: 'none',
    verify: true,
    diagnose: undefined,
    sdk: undefined,
  },
  landmarks: [],
  summary: 'event streams resumed by an offset into their text (POST /streams, GET /streams/{id})',
  authorize: (apiKey) => ({ authorization: `Bearer ${apiKey}` }),
  eventKind: typedEventKind({
    textAt: { 'text-delta': 'delta', 'reasoning-delta': 'delta' },
    terminals: ['finish', 'abort', 'error'],
  }),
  start: (options) => new TextStreamConversation(options),
});
