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
import type { SdkAdapter } from '../transport/sdk.ts';
import type { Frame, TransportName, WireMessage, WireRequest } from '../transport/transport.ts';
import type { EventKind } from '../wire/event-kind.ts';
import type { DialectOption, DialectOptions, OptionValues } from './options.ts';

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
  /** An event of the stream that carries no token: the role, the acceptance. Pings are not events. */
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
   * This frame reaches a landmark of the dialect; the first time in a turn counts, so it may be
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

export interface ConversationOptions<Options = DialectOptions> {
  transport: TransportName;
  model: string;
  /** Whether the answer streams; false uses the `http` transport. */
  stream: boolean;
  /** The dialect's options, complete. */
  dialectOptions: Options;
  /** A later turn will carry what this one answered; otherwise its text need not be kept. */
  keepsHistory: boolean;
  /**
   * The turn is to be continued when its stream breaks: the cursor is kept, and `position` told.
   */
  resumable?: boolean;
  /** Extra members merged into every request body, e.g. `{temperature: 0}`. */
  extraBody: Readonly<Record<string, unknown>>;
}

/** One session's state in one API. */
export interface Conversation {
  /**
   * Messages to exchange after a WebSocket connects, before the first turn. `isReady` sees each
   * frame that arrives and says when turns may start. Absent: ready immediately.
   */
  greeting?: {
    /** Sent after the first frame has arrived. */
    messages: readonly WireMessage[];
    isReady(frame: Frame): boolean;
  };
  /** The wire form of a turn. Also starts the turn in the conversation's state. */
  ask(input: TurnInput): WireRequest;
  /** What a frame of the running turn means. Allocation-free where it can be: this is the hot path. */
  decode(frame: Frame, sink: MeaningSink): void;
  /**
   * The request that continues the running turn over a new connection, right after the last event
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
  /** How to ask what happened to the running or last answer, where the API keeps it. */
  retrieve?(): Retrieval | undefined;
  /**
   * The body ended cleanly without a terminal event: the status that was announced nevertheless
   * (a reason to finish, without the last event), or undefined, and the turn counts as truncated.
   */
  atCleanEnd?(): TerminalStatus | undefined;
  /** Tool calls of the last turn that need an answer; empty after `ask` has sent the results. */
  pendingToolCalls(): readonly ToolCall[];
}

/** Asking for an answer that the API has kept. */
export interface Retrieval {
  request: WireRequest;
  /**
   * Reads the body of the answer to `request`.
   *
   * @returns output tokens of the whole answer, once it is over; undefined while it runs, or where none
   *   are told.
   */
  readonly outputTokens: (body: string) => number | undefined;
}

/** What `streamgauge diagnose` needs in addition to the dialect itself. */
export interface DiagnoseSupport {
  /** Asked where the user names no model. */
  readonly model: string;
  /** Environment variable that holds the key. */
  readonly keyVariable: string;
}

/** What an arm asks of its dialect, as far as a dialect may have something to say about it. */
export interface AskedArm<Options = DialectOptions> {
  transport: TransportName;
  via: 'wire' | 'sdk';
  target: 'mock' | 'url' | undefined;
  options: Options;
  /** Broken streams are to be continued. */
  resumes: boolean;
  /** `leave`: how, and whether the target's slots are probed (`leave.probe`). */
  leave: { how: string; probes: boolean } | undefined;
  /** Settings of the mock, as written. */
  mock: Readonly<Record<string, unknown>>;
}

/** Something that an arm asks for and the API cannot do. */
export interface ArmProblem {
  /** Of the key in the arm, e.g. `['leave', 'how']`. */
  path: readonly string[];
  /** `resume-mismatch`, `leave-mismatch` or `option-mismatch`. */
  code: string;
  message: string;
  hints: string[];
}

/** Everything about one API. @typeParam Options - values of its options, complete. */
export interface DialectDefinition<Options extends object> {
  readonly name: string;
  /** Transports it can use, the usual one first. */
  readonly transports: readonly TransportName[];
  /** Keys that an arm of this dialect may have in addition to those of every arm. */
  readonly options: { readonly [Key in keyof Options]: DialectOption<Options[Key]> };
  /** What may be asked of it; validated before a run. */
  readonly supports: {
    readonly audioInput: boolean;
    readonly tools: boolean;
    /** A new conversation may begin on a connection that has held another. */
    readonly freshTurns: boolean;
    /** Transports on which a broken answer can be continued (`Conversation.resume`). */
    readonly resume: readonly TransportName[];
    /** How an answer is cancelled within the API: by a message on its connection, or by a request. */
    readonly cancel: 'message' | 'request' | 'none';
    /** What arrives can be compared with what the mock has sent (`verify`). */
    readonly verify: boolean;
    /** How `streamgauge diagnose` asks it, over SSE; undefined where it does not. */
    readonly diagnose: DiagnoseSupport | undefined;
    /**
     * Brings the official package of the API (`via: sdk`); undefined where there is none. A function,
     * so that the package is loaded only by a run that goes through it.
     */
    readonly sdk: (() => Promise<SdkAdapter>) | undefined;
  };
  /**
   * Named moments of a turn beyond its first token, which `decode` tells by `MeaningSink.landmark`:
   * each becomes a separate metric. Empty where there is none. Two dialects that use one name define
   * it in the same way: `shared/landmarks.ts` holds those that several have.
   */
  readonly landmarks: readonly LandmarkDefinition[];
  /** One line for `--help` and the reference page. */
  readonly summary: string;
  /** Path of the WebSocket below the base URL, where it uses WebSocket. */
  webSocketPath?(model: string): string;
  /** How a key is presented. */
  authorize(apiKey: string): Record<string, string>;
  /** What an arm asks for that this API cannot do, beyond what `supports` says. Default: nothing. */
  check?(arm: AskedArm<Options>): readonly ArmProblem[];
  /**
   * What an event is for code that only reads along; for a relay, so it must be cheap ({@link EventKindReader}).
   * It says `token` where `decode` does, and `terminal` at the first event from which it is sure that
   * the answer is over.
   */
  eventKind(data: string, eventName: string): EventKind;
  start(options: ConversationOptions<Options>): Conversation;
}

export type Dialect = DialectDefinition<DialectOptions>;

/** A dialect of which also the types of its options are known: those of a scenario are made of them. */
export type DefinedDialect<Set> = Omit<Dialect, 'options'> & { readonly options: Set };

/** A dialect as the rest of the program sees it; inside, its options have their types. */
export function defineDialect<Set extends Readonly<Record<string, DialectOption>>>(
  definition: DialectDefinition<OptionValues<Set>> & { readonly options: Set },
): DefinedDialect<Set> {
  return definition;
}
