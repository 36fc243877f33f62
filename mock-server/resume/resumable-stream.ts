/**
 * A stream that continues whether or not a client listens: its replay log, and the record of what it produced. Leaving
 * is not cancelling here; what is produced while no client listens counts as wasted only until one
 * comes back for it.
 */
import type { MockContext } from '../http/context.ts';
import type { ResumeBug } from '../settings/options.ts';
import type { PieceKind } from '../timing/output-plan.ts';
import type { StreamRecorder } from '../truth/stream-recorder.ts';
import { ReplayLog, type ReplayFollower } from './replay-log.ts';

/** One event as it was produced. */
export interface LoggedEvent {
  /** Index in the stream, from 0. */
  n: number;
  /** What goes on the wire, without the stamp. */
  text: string;
  kind: PieceKind | undefined;
  tokens: number;
  /** The output it carries. */
  piece: string;
  dueNs: number;
}

/** What an event carries in addition to its text on the wire. */
export interface Carried {
  kind?: PieceKind | undefined;
  tokens?: number;
  piece?: string;
  dueNs?: number | undefined;
}

export class ResumableStream {
  readonly log: ReplayLog<LoggedEvent>;
  readonly recorder: StreamRecorder;
  /** Told of every event before anyone follows it. */
  onEvent: ((text: string) => void) | undefined;
  private readonly context: MockContext;

  /** @param protocolBug - a planted mistake that the protocol makes itself. */
  constructor(context: MockContext, recorder: StreamRecorder, protocolBug?: ResumeBug) {
    const { settings, scheduler } = context;
    this.context = context;
    this.recorder = recorder;
    this.log = new ReplayLog({
      scheduler,
      bufferEvents: settings.resume.bufferEvents,
      bug: settings.resumeBug === protocolBug ? undefined : settings.resumeBug,
    });
  }

  /** Records an event and hands it to the followers. */
  emit(text: string, carried: Carried = {}, last = false): void {
    const now = this.context.scheduler.now();
    const { kind, tokens = 0, piece = '', dueNs = now } = carried;
    const { log, recorder } = this;
    const n = log.next;
    recorder.event(n, kind, tokens, dueNs, now, piece);
    if (log.followerCount === 0) recorder.producedWhileAway(tokens);
    this.onEvent?.(text);
    log.append({ n, text, kind, tokens, piece, dueNs }, last);
  }

  /** Starts following from the first event. */
  follow(follower: ReplayFollower<LoggedEvent>): void {
    this.log.follow(follower);
  }

  /** Continues after an event; ask `log.placeOf` before. */
  resume(after: number, follower: ReplayFollower<LoggedEvent>): void {
    this.recorder.clientReturned();
    this.log.resume(after, follower);
  }

  leave(follower: ReplayFollower<LoggedEvent>): void {
    this.log.leave(follower);
    if (this.log.followerCount === 0 && this.recorder.running) {
      this.recorder.clientLeft(this.context.scheduler.now());
    }
  }
}
