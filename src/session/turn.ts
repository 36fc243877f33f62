/**
 * One turn: from the request to the terminal event. Takes the stamps, and hears what the dialect makes of
 * the frames; how it ended is for `turn-outcome.ts`. This is the hot path: per event it does arithmetic and one histogram record.
 */
import type {
  Conversation,
  MeaningSink,
  TerminalStatus,
  TokenKind,
  Usage,
} from '../dialect/dialect.ts';
import type { LandmarkName } from '../metric/landmark.ts';
import type { Outcome } from '../metric/outcome.ts';
import type { Scheduled, Scheduler } from '../timer/scheduler.ts';
import type {
  ConnectTiming,
  Exchange,
  ExchangeEnd,
  ExchangeObserver,
  Frame,
  LeaveHow,
  ResponseHead,
} from '../transport/transport.ts';
import type { Departure } from './departure.ts';
import type { StreamLedger } from './stream-ledger.ts';
import { outcomeOf, type Verdict } from './turn-outcome.ts';
import { newTurnRecord, type TurnLimits, type TurnRecord, type TurnStart } from './turn-record.ts';

/** What a turn tells as it happens; everything else is read from its record at the end. */
export interface TurnListener {
  /**
   * Gap between two consecutive token events, ms; and how long the reader took to catch up, where the
   * later of the two ended a recovery from a stall, else NaN.
   */
  onGap(gapMs: number, recoveredMs: number): void;
  /** Arrival − the mock's send stamp, ms. */
  onInstrumentError(errorMs: number): void;
  /** An event arrived; `tokenEvent` when it carried output. */
  onEvent(tokenEvent: boolean, bytes: number): void;
  onFirstToken(ttftMs: number): void;
  onConnected(timing: ConnectTiming): void;
}

/**
 * A client that leaves at once still lets its request arrive, ms: what a reset overtakes was never
 * asked.
 */
const leastMs = 5;

export class Turn implements ExchangeObserver, MeaningSink {
  readonly record: TurnRecord;
  /** Resolves with the record when the turn has its outcome. */
  readonly done: Promise<TurnRecord>;
  /** The exchange that runs for it, so that the turn can be ended. */
  exchange: Exchange | undefined;
  readonly ledger: StreamLedger | undefined;

  private readonly conversation: Conversation;
  private readonly listener: TurnListener;
  private readonly declared: ReadonlySet<string> | undefined;
  private readonly settle: (record: TurnRecord) => void;
  private settled = false;
  private lastTokenRead = -1;
  private framePosition = Number.NaN;
  private frame: Frame | undefined;
  private frameHasToken = false;
  private frameIsEvent = false;
  private forced: Verdict | undefined;
  private apiError: { code: string; message: string } | undefined;
  private terminalStatus: TerminalStatus | undefined;
  private malformedDetail: string | undefined;
  private departure: Departure | undefined;
  private depart: (() => void) | undefined;
  private time: Scheduler | undefined;
  private departureTimer: Scheduled | undefined;

  constructor(
    streamId: string,
    times: TurnStart,
    conversation: Conversation,
    listener: TurnListener,
    limits: TurnLimits,
    ledger?: StreamLedger,
  ) {
    this.ledger = ledger;
    this.conversation = conversation;
    this.listener = listener;
    this.declared = limits.landmarks;
    this.record = newTurnRecord(streamId, times, limits);
    let settle!: (record: TurnRecord) => void;
    this.done = new Promise((resolve) => (settle = resolve));
    this.settle = settle;
  }

  get isSettled(): boolean {
    return this.settled;
  }

  /** Its outcome is certain although its last exchange may still run. */
  get isDecided(): boolean {
    return (
      this.settled ||
      this.forced !== undefined ||
      this.terminalStatus !== undefined ||
      this.apiError !== undefined ||
      this.malformedDetail !== undefined ||
      this.record.status >= 300
    );
  }

  /** The turn goes on over another connection, whose reads are counted anew. */
  nextConnection(): void {
    this.lastTokenRead = -1;
  }

  /** Calls `depart`, once, when a departure is due; not when the answer is over before. */
  departWhenDue(time: Scheduler, departure: Departure, depart: () => void): void {
    this.time = time;
    this.departure = departure;
    this.depart = depart;
  }

  /** Ends the turn from our side: a timeout, a planned departure, the end of the run. */
  end(outcome: Outcome, detail: string, how: LeaveHow = 'rst', code?: number): void {
    if (this.settled || this.forced) return;
    this.forced = { outcome, detail };
    this.exchange?.cancel(how, code);
    // A transport that has not started yet, or is already over, reports nothing more.
    if (!this.settled) this.onEnd({ kind: 'cancelled', at: this.record.lastAt });
  }

  // ── the transport's side ──────────────────────────────────────────────────────────────────────

  /** @param again - the connection carries on a turn that has begun on another. */
  onConnected(timing: ConnectTiming, again = false): void {
    if (!again) {
      this.record.connect = timing;
      this.record.connectedAt = this.record.startedAt + timing.totalMs * 1e6;
    }
    this.listener.onConnected(timing);
  }

  onWritten(at: number): void {
    this.record.writtenAt = at;
    this.record.lastAt = at;
    const afterMs = this.departure?.afterMs;
    if (afterMs !== undefined) {
      const dueNs = at + Math.max(leastMs, afterMs) * 1e6;
      this.departureTimer = this.time!.at(dueNs, () => this.leaveNow());
    }
  }

  onHead(head: ResponseHead): void {
    this.record.status = head.status;
    this.record.lastAt = head.at;
    // A WebSocket's 101 answers the upgrade, not the turn.
    if (head.status === 101) return;
    this.record.headAt = head.at;
    if (this.departure?.isDueAtHead() && head.status < 300) this.leaveNow();
  }

  onFrame(frame: Frame): void {
    const { record } = this;
    if (this.settled || !Number.isNaN(record.terminalAt)) return;
    record.lastAt = frame.at;
    record.bytes += frame.bytes;
    if (record.status >= 400) {
      // An error page: whatever it says, the status is the outcome.
      this.apiError = { code: String(record.status), message: frame.data.slice(0, 300) };
      return;
    }
    this.frame = frame;
    this.frameHasToken = false;
    this.frameIsEvent = false;
    this.framePosition = Number.NaN;
    this.conversation.decode(frame, this);
    this.frame = undefined;
    if (!this.frameIsEvent) return;
    if (this.ledger) this.note(frame, this.ledger);
    record.events++;
    if (Number.isNaN(record.firstEventAt)) record.firstEventAt = frame.at;
    this.listener.onEvent(this.frameHasToken, frame.bytes);
    if (frame.truthIndex >= 0 && frame.truthSentAt > 0) {
      this.listener.onInstrumentError((frame.at - frame.truthSentAt) / 1e6);
    }
    if (this.apiError || this.malformedDetail !== undefined || this.terminalStatus) {
      this.exchange?.release();
      if (this.settled || this.terminalStatus) return;
      // Nothing useful follows an error; do not wait for the server to close.
      this.exchange?.cancel('close');
    } else if (this.departure?.isDueAfter(record, this.frameHasToken)) {
      this.leaveNow();
    }
  }

  private leaveNow(): void {
    const { depart } = this;
    this.departure = undefined;
    this.depart = undefined;
    this.departureTimer?.cancel();
    if (!this.isDecided) depart?.();
  }

  /**
   * @param why - why it was not carried on after that end, for the detail; '' where nothing is to say.
   * @param verdict - what its owner had left it for; what the server said still counts more.
   */
  onEnd(end: ExchangeEnd, why = '', verdict?: Verdict): void {
    if (this.settled) return;
    this.settled = true;
    this.departureTimer?.cancel();
    this.forced ??= verdict;
    const { record } = this;
    record.endedAt = end.at;
    const { conversation, terminalStatus, apiError, malformedDetail, forced } = this;
    const heard = { record, conversation, terminalStatus, apiError, malformedDetail, forced };
    const { outcome, detail } = outcomeOf(end, heard);
    record.outcome = outcome;
    record.detail = why === '' ? detail : `${detail}; ${why}`;
    record.continuity = this.ledger?.close();
    this.settle(record);
  }

  private note(frame: Frame, ledger: StreamLedger): void {
    if (this.malformedDetail !== undefined) ledger.unreadable('malformed');
    else if (this.apiError) ledger.unreadable('error');
    else ledger.event(this.framePosition, frame.truthIndex, frame.bytes, frame.at);
  }

  // ── the dialect's side ────────────────────────────────────────────────────────────────────────

  progress(): void {
    this.frameIsEvent = true;
  }

  position(number: number): void {
    this.framePosition = number;
  }

  token(kind: TokenKind, text: string, audioMs?: number): void {
    const { record } = this;
    this.ledger?.text(kind, text);
    this.frameIsEvent = true;
    if (audioMs !== undefined) record.audioMs += audioMs;
    const { at, read } = this.frame!;
    if ((kind === 'content' || kind === 'audio') && Number.isNaN(record.firstOutputAt)) {
      record.firstOutputAt = at;
    }
    if (this.frameHasToken) return; // Two kinds in one event are one token event.
    this.frameHasToken = true;
    record.tokenEvents++;
    if (read !== this.lastTokenRead) {
      record.tokenReads++;
      this.lastTokenRead = read;
      record.bursts.read(at, record.bytes - this.frame!.bytes, record.tokenEvents - 1);
    }
    if (record.tokenEvents === 1) {
      record.firstTokenAt = at;
      const sinceRequestMs = (at - record.writtenAt) / 1e6;
      record.reading.first(sinceRequestMs);
      this.listener.onFirstToken(sinceRequestMs);
    } else {
      const gapMs = (at - record.lastTokenAt) / 1e6;
      this.listener.onGap(gapMs, record.reading.next(gapMs));
    }
    record.lastTokenAt = at;
    record.arrivals.add(at, kind);
  }

  usage(usage: Usage): void {
    this.frameIsEvent = true;
    this.record.usage = { ...this.record.usage, ...usage };
  }

  error(code: string, message: string): void {
    this.frameIsEvent = true;
    this.apiError ??= { code, message };
  }

  landmark(name: string): void {
    const { record } = this;
    if (!this.declared?.has(name) || record.landmarks?.has(name as LandmarkName)) return;
    record.landmarks ??= new Map();
    record.landmarks.set(name as LandmarkName, this.frame!.at);
  }

  terminal(status: TerminalStatus): void {
    this.frameIsEvent = true;
    this.terminalStatus = status;
    this.record.terminalAt = this.frame!.at;
  }

  malformed(detail: string): void {
    this.frameIsEvent = true;
    this.malformedDetail ??= detail;
  }
}
