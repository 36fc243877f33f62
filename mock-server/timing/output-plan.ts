/**
 * What one answer will contain and when each piece is to leave: decided in full before the first
 * byte, from a seed, so that it can be logged as ground truth and repeated.
 */

export type PieceKind = 'reasoning' | 'content' | 'tool_arguments' | 'audio';

/** A web source that an answer cites. */
export interface Source {
  url: string;
  title: string;
}

/** One token-bearing event to come. */
export interface Piece {
  /** Due time, ms after the answer was admitted (its slot was free and its request was read). */
  atMs: number;
  kind: PieceKind;
  text: string;
  /** Tokens in it; more than one where events coalesce. */
  tokens: number;
  /** Which output item it belongs to, ascending; a new item starts where it changes. */
  item: number;
  /** Web sources that it cites, told right after it; content only. */
  sources?: readonly Source[];
}

export interface OutputPlan {
  pieces: readonly Piece[];
  /** When the terminal events are due, ms after admission. */
  endMs: number;
  inputTokens: number;
  reasoningTokens: number;
  outputTokens: number;
  /** Tool calls the answer makes, in item order; arguments are the joined text of their pieces. */
  toolCalls: readonly { item: number; name: string; callId: string }[];
  /** `length` when max_tokens cut it. */
  finish: 'stop' | 'length' | 'tool_calls';
}

/** What a handler knows of a request, whatever its API. */
export interface OutputRequest {
  /** Seeds this answer: the client's stream id without its arm, else a hash of the request. */
  seedKey: string;
  inputTokens: number;
  maxTokens: number | undefined;
  /** Names of tools it may call; empty: none. */
  tools: readonly string[];
  /** JSON Schemas of their arguments by name, where the request gives them: arguments then fit. */
  toolParameters?: Readonly<Record<string, unknown>>;
  /** The one tool that `toolChoice: 'required'` names. */
  forcedTool?: string;
  toolChoice: 'auto' | 'required' | 'none';
  /** Whether one answer may call several tools; default true. */
  parallelToolCalls?: boolean;
  /** Whether reasoning tokens are produced at all (the settings say how many). */
  reasoning: boolean;
  modality: 'text' | 'audio';
}
