/**
 * What a Realtime session needs from the rest of the mock. The session itself knows neither sockets
 * nor timers nor how answers are planned, so that it can be driven in virtual time.
 */
import type { AudioKeeper } from './audio/audio-keeper.ts';
import type { OutputPlan, OutputRequest, Piece } from '../../timing/output-plan.ts';
import type { Scheduler } from '../../../src/timer/scheduler.ts';

/**
 * An answer as it is produced. Calls come in order, never before `answer` has returned; none follows
 * `end`, `fail` or `cut`, or a cancel.
 */
export interface AnswerSink {
  /** @param dueNs - when the plan wanted it, monotonic ns. */
  piece(piece: Piece, dueNs: number): void;
  /** Everything has been produced and the terminal event is due. */
  end(finish: OutputPlan['finish'], dueNs: number): void;
  /** The service failed: refused for capacity or rate, or broke in the middle. */
  fail(failure: AnswerFailure): void;
  /** The connection is to be ended before the terminal event (a fault that the options ask for). */
  cut(): void;
}

export interface AnswerFailure {
  type: string;
  code: string | null;
  message: string;
}

export interface AnswerRequest {
  output: OutputRequest;
  /** As the client named it; undefined for a client that does not ask for ground truth. */
  streamId: string | undefined;
  model: string;
  /** `resp_…`. */
  responseId: string;
  /** Bytes of this session that its client has left unread and the kernel has not taken. */
  readonly unread: () => number;
}

/** `overflow`: the server gave up on a client that reads too slowly. */
export type LeaveReason = 'client_left' | 'overflow';

export type AnswerEnd = 'completed' | 'failed' | 'cancelled' | 'truncated';

/** One answer under way. */
export interface RunningAnswer {
  /** Tool calls of the plan. */
  readonly toolCalls: OutputPlan['toolCalls'];
  /**
   * Notes an event that is being written, for the log.
   *
   * @param sendNs - monotonic ns of the write.
   * @param piece - the piece it carries, undefined for an event without tokens.
   */
  sent(sendNs: number, dueNs: number, piece: Piece | undefined): void;
  /** A tool call begins; the argument pieces that follow belong to it. */
  toolCall(name: string, callId: string): void;
  /**
   * Its last event has been written: production ends, the sink is not called again. Idempotent; only
   * the first call counts.
   */
  finished(how: AnswerEnd): void;
  /** The client's socket is gone; nothing more is written. Idempotent. */
  left(why: LeaveReason): void;
}

export interface RateLimitState {
  name: 'requests' | 'tokens';
  limit: number;
  remaining: number;
  reset_seconds: number;
}

export interface RealtimeHost {
  readonly scheduler: Scheduler;
  /** Wall clock, ms since the epoch. */
  wallMs(): number;
  /** Playing time of one output token of audio, ms. */
  readonly msPerAudioToken: number;
  readonly sessionLifetimeMs: number;
  /** Shared by all sessions. */
  readonly audioKeeper: AudioKeeper;
  /** A new identifier such as `resp_…`, never used before. */
  readonly newId: (prefix: string) => string;
  answer(request: AnswerRequest, sink: AnswerSink): RunningAnswer;
  rateLimits(): RateLimitState[];
}

/** The way back to the client. */
export interface SessionPort {
  send(text: string): void;
  /** Bytes that the kernel has not taken yet. */
  unread?(): number;
  close(code: number, reason: string): void;
  /** Ends the connection without a closing handshake. */
  terminate(): void;
}
