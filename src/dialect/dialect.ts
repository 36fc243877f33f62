/**
 * The dialect seam: what an API's messages mean.
 *
 * A `Dialect` makes one `Conversation` per session, which keeps the protocol's state between turns
 * (message history, previous_response_id, pending tool calls). It turns a turn into a wire request
 * and each frame into meanings. It never touches a socket or a clock.
 *
 * To add one, see docs/adding-a-dialect.md.
 */
import type { LandmarkDefinition } from '../metric/landmark.ts';
import type { Frame, TransportName, WireMessage, WireRequest } from '../transport/transport.ts';

/** What a token-bearing event carries. `content` and `audio` are visible output, the others are not. */
export type TokenKind = 'reasoning' | 'content' | 'tool_arguments' | 'audio';

export interface Usage {
  inputTokens?: number;
  outputTokens?: number;
  reasoningTokens?: number;
  cachedTokens?: number;
}

/** Terminal states of a turn as the API itself names them, reduced to what a client must tell apart. */
export type TerminalStatus = 'completed' | 'incomplete' | 'failed' | 'cancelled';

/** Receives the meanings of one frame. A frame may mean several things, or nothing. */
export interface MeaningSink {
  /**
   * The event's number in its stream, by the protocol: consecutive events differ by 1. Called before
   * the event's other meanings, and only where `ConversationOptions.resumable` asks for it.
   */
  position(number: number): void;
  /** An event of the stream that carries no token: role chunk, `response.created`. Pings are not events. */
  progress(): void;
  /**
   * Generated output, never empty.
   * @param text - the text delta; for audio the base64 text, which is not kept.
   * @param audioMs - playing time of an audio delta, ms.
   */
  token(kind: TokenKind, text: string, audioMs?: number): void;
  usage(usage: Usage): void;
  /** The API reported an error inside a stream or a 200 answer. */
  error(code: string, message: string): void;
  /**
   * The frame at hand reaches a landmark of the dialect; the first time in a turn counts, so it may be
   * told again. It says nothing about what else the frame means: tell that as well.
   * @param name - one of `Dialect.landmarks`; any other is a mistake in the dialect, and is not kept.
   */
  landmark(name: string): void;
  /** The terminal event. Frames after it are allowed and ignored. */
  terminal(status: TerminalStatus): void;
  /** Not the protocol: unparseable JSON, a frame without a type. */
  malformed(detail: string): void;
}

export interface ToolCall {
  callId: string;
  name: string;
  arguments: string;
}

export interface ToolDefinition {
  name: string;
  description?: string;
  /** JSON Schema of the arguments. */
  parameters?: Readonly<Record<string, unknown>>;
}

/** What the session script asks for in one turn, independent of any API. */
export interface TurnInput {
  streamId: string;
  content:
    | { kind: 'prompt'; text: string }
    | { kind: 'tool_results'; results: readonly { callId: string; output: string }[] }
    /** Spoken input: 16-bit little-endian mono PCM at 24 kHz, sent in real time. */
    | { kind: 'audio'; pcm: Uint8Array; chunkMs: number };
  maxTokens: number | undefined;
  instructions: string | undefined;
  tools: readonly ToolDefinition[];
  toolChoice: 'auto' | 'required' | 'none' | undefined;
}

export interface ConversationOptions {
  transport: TransportName;
  model: string;
  /** Whether the answer streams; false rides the `http` transport. */
  stream: boolean;
  /** Realtime: what the server answers with. */
  modality: 'text' | 'audio';
  /** Realtime: who decides that the user has finished speaking. */
  turnDetection: 'server_vad' | 'none';
  /** A later turn will carry what this one answered; otherwise its text need not be kept. */
  keepsHistory: boolean;
  /** Responses API: answers are made in the background and can be read again. */
  background?: boolean;
  /**
   * The turn is to be carried on when its stream breaks: the cursor is kept, and `position` told.
   */
  resumable?: boolean;
  /** Extra members merged into every request body, e.g. `{temperature: 0}`. */
  extraBody: Readonly<Record<string, unknown>>;
}

/** One session's state in one API. */
export interface Conversation {
  /**
   * Messages to exchange after a WebSocket connects, before the first turn. `isReady` sees each
   * frame that arrives and says when turns may start. Absent: ready at once.
   */
  greeting?: {
    /** Sent after the first frame has arrived (`session.created`). */
    messages: readonly WireMessage[];
    isReady(frame: Frame): boolean;
  };
  /** The wire form of a turn. Also starts the turn in the conversation's own state. */
  ask(input: TurnInput): WireRequest;
  /** What a frame of the running turn means. Allocation-free where it can be: this is the hot path. */
  decode(frame: Frame, sink: MeaningSink): void;
  /**
   * The request that carries the running turn on over a new connection, right after the last event
   * that `decode` was given, or undefined where that cannot be said (nothing has named the stream
   * yet). What `decode` has not seen was not received: an event that was cut must come again. Asking
   * changes nothing; it may be asked several times for one place.
   */
  resume?(streamId: string): WireRequest | undefined;
  /**
   * What cancels the running answer: a message on its own connection, or a request on another.
   * Undefined where that cannot be said (the answer has not told its id yet).
   */
  cancel?(): { message: WireMessage } | { request: WireRequest } | undefined;
  /** The request that asks what became of the running or last answer, where the API keeps it. */
  retrieve?(): WireRequest | undefined;
  /**
   * The body ended cleanly without a terminal event: the status that was announced all the same
   * (a finish_reason without `[DONE]`), or undefined, and the turn counts as truncated.
   */
  atCleanEnd?(): TerminalStatus | undefined;
  /** Tool calls of the last turn that want an answer; empty after `ask` has sent the results. */
  pendingToolCalls(): readonly ToolCall[];
}

export interface Dialect {
  readonly name: DialectName;
  /** Transports it can ride, the usual one first. */
  readonly transports: readonly TransportName[];
  /** Features that a session script may ask for; validated before a run. */
  readonly supports: {
    readonly audioInput: boolean;
    readonly tools: boolean;
    /** A new conversation may begin on a connection that has held another. */
    readonly freshTurns: boolean;
    /** Transports on which a broken answer can be carried on (`Conversation.resume`). */
    readonly resume: readonly TransportName[];
    /** How an answer is cancelled within the API: by a message, by a request (background mode only). */
    readonly cancel: 'message' | 'request' | 'none';
  };
  /**
   * Named moments of a turn beyond its first token, which `decode` tells by `MeaningSink.landmark`:
   * each becomes a metric of its own. Empty where there is none. Two dialects that use one name define
   * it alike: `shared-landmarks.ts` holds those that several have.
   */
  readonly landmarks: readonly LandmarkDefinition[];
  /** One line for `--help` and the reference page. */
  readonly summary: string;
  /** Path of the WebSocket below the base URL, where it rides WebSocket. */
  webSocketPath?(model: string): string;
  /** How a key is presented. */
  authorize(apiKey: string): Record<string, string>;
  start(options: ConversationOptions): Conversation;
}

export const dialectNames = [
  'openai-chat',
  'openai-responses',
  'openai-realtime',
  'stream-chat',
  'text-streams',
] as const;
export type DialectName = (typeof dialectNames)[number];
