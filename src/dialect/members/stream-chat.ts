/**
 * Chat over WebSocket with numbered events, as home-made chat servers speak it; the bundled mock
 * server speaks it at `/stream-chat`, and docs/resume.md describes it. Every event of a stream has a
 * `seq`; on a new connection `resume` continues after the last one that arrived.
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
import {
  numberAt,
  objectAt,
  parseFrame,
  reportError,
  reportUsage,
  textAt,
} from '../shared/json.ts';
import { typedEventKind } from '../shared/typed-event-kind.ts';
import { PlainHistory } from '../shared/plain-history.ts';

const path = '/stream-chat';

class StreamChatConversation implements Conversation {
  private readonly options: ConversationOptions<object>;
  private readonly history: PlainHistory;
  private stream = '';
  private lastSeq = -1;

  constructor(options: ConversationOptions<object>) {
    this.options = options;
    this.history = new PlainHistory(options.keepsHistory);
  }

  ask(input: TurnInput): WireRequest {
    this.stream = '';
    this.lastSeq = -1;
    const { model, extraBody } = this.options;
    return this.message(input.streamId, {
      type: 'ask',
      model,
      ...this.history.ask(input),
      ...extraBody,
    });
  }

  resume(streamId: string): WireRequest | undefined {
    if (this.stream === '') return undefined;
    return this.message(streamId, { type: 'resume', stream: this.stream, after: this.lastSeq });
  }

  decode(frame: Frame, sink: MeaningSink): void {
    const json = parseFrame(frame, sink);
    if (!json) return;
    const seq = numberAt(json, 'seq');
    if (seq !== undefined) {
      this.lastSeq = seq;
      if (this.options.resumable) sink.position(seq);
    }
    switch (json['type']) {
      case 'delta':
        this.history.answer(textAt(json, 'text'));
        this.output('content', textAt(json, 'text'), sink);
        return;
      case 'reasoning':
        this.output('reasoning', textAt(json, 'text'), sink);
        return;
      case 'started':
        this.stream = textAt(json, 'stream');
        sink.progress();
        return;
      case 'done': {
        const usage = objectAt(json, 'usage');
        if (usage) reportUsage(usage, 'input/output', sink);
        this.history.answered();
        sink.terminal(statusOf(textAt(json, 'status')));
        return;
      }
      case 'overflow':
        sink.error(
          'overflow',
          `what follows event ${numberAt(json, 'after') ?? '?'} is gone; the oldest is ${numberAt(json, 'oldest') ?? '?'}`,
        );
        return;
      case 'ended':
        sink.error('ended', `the stream has nothing after event ${numberAt(json, 'after') ?? '?'}`);
        return;
      case 'error':
        reportError(json['error'] ?? json, sink);
        return;
      case 'resumed':
      case 'ping':
      case 'pong':
        return;
      case undefined:
        sink.malformed('a message without a type');
        return;
      default:
        sink.progress();
    }
  }

  pendingToolCalls(): readonly ToolCall[] {
    return [];
  }

  private output(kind: 'content' | 'reasoning', text: string, sink: MeaningSink): void {
    if (text === '') sink.progress();
    else sink.token(kind, text);
  }

  private message(streamId: string, body: Readonly<Record<string, unknown>>): WireRequest {
    return { streamId, method: 'GET', path, messages: [{ body }] };
  }
}

function statusOf(status: string): TerminalStatus {
  return status === 'incomplete' || status === 'cancelled' ? status : 'completed';
}

export const streamChat = defineDialect({
  name: 'stream-chat',
  transports: ['websocket'],
  options: {},
  supports: {
    audioInput: false,
    tools: false,
    freshTurns: true,
    resume: ['websocket'],
    cancel: 'none',
    verify: true,
    diagnose: undefined,
    sdk: undefined,
  },
  landmarks: [],
  summary: 'chat with numbered, resumable events over WebSocket, as home-made servers have it',
  webSocketPath: () => path,
  authorize: (apiKey) => ({ authorization: `Bearer ${apiKey}` }),
  eventKind: typedEventKind({
    textAt: { delta: 'text', reasoning: 'text' },
    terminals: ['done', 'error', 'overflow', 'ended'],
  }),
  start: (options) => new StreamChatConversation(options),
});
