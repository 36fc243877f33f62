/**
 * One turn over as many exchanges as it takes: when its stream breaks and the protocol can take it up
 * again, the turn continues over a new exchange until its terminal event. The turn itself sees one
 * stream; it gets its one outcome when the last exchange has ended for good.
 */
import type { Conversation } from '../dialect/dialect.ts';
import type { Rng } from '../random/rng.ts';
import type { ReconnectPlan } from '../scenario/plan.ts';
import type { Scheduled, Scheduler } from '../timer/scheduler.ts';
import { after } from '../timer/waiting.ts';
import type {
  Channel,
  ConnectTiming,
  Exchange,
  ExchangeEnd,
  ExchangeObserver,
  Frame,
  LeaveHow,
  ResponseHead,
  WireRequest,
} from '../transport/transport.ts';
import { reconnectDelay } from './reconnect-delay.ts';
import type { StreamLedger } from './stream-ledger.ts';
import type { Turn } from './turn.ts';
import type { Verdict } from './turn-outcome.ts';

export interface SupervisorOptions {
  turn: Turn;
  /** Those of the turn. */
  ledger: StreamLedger;
  channel: Channel;
  conversation: Conversation;
  plan: ReconnectPlan;
  /** Draws the jitter. */
  rng: Rng;
  time: Scheduler;
}

/** Statuses after which a try may be repeated; any other refusal is final. */
function isPassing(status: number): boolean {
  return status === 408 || status === 429 || status >= 500;
}

export class TurnSupervisor implements ExchangeObserver {
  private readonly options: SupervisorOptions;
  private exchange: Exchange | undefined;
  /** True from the first try to continue: what comes then is not the turn's first answer. */
  private resuming = false;
  private status = 0;
  private refusal = '';
  private attempt = 0;
  private newEventsAtStart = 0;
  private retryMs: number | undefined;
  private retryAfterMs = 0;
  /** The break that the turn ends with if nothing carries it on. */
  private broken: Break | undefined;
  /** We are leaving on purpose, to come back: what the turn ends with if that fails. */
  private leaving: Verdict | undefined;
  private timer: Scheduled | undefined;

  constructor(options: SupervisorOptions) {
    this.options = options;
  }

  start(request: WireRequest): void {
    this.begin(request);
  }

  /**
   * Leaves the connection and takes the turn up again as after a break.
   *
   * @param otherwise - how the turn ends if that does not succeed.
   * @returns false where the turn cannot continue: nothing was done, and the caller ends it.
   */
  leaveAndResume(how: LeaveHow, otherwise: Verdict): boolean {
    const { turn, plan, conversation } = this.options;
    if (turn.isDecided || !this.exchange || this.leaving) return false;
    if (plan.policy === 'give_up') return false;
    if (!conversation.resume?.(turn.record.streamId)) return false;
    this.leaving = otherwise;
    this.exchange.cancel(how);
    return true;
  }

  /** Between two tries: there is no connection that something could arrive on. */
  get isWaiting(): boolean {
    return this.exchange === undefined;
  }

  /** The turn was ended from outside: nothing more is tried. */
  stop(): void {
    this.timer?.cancel();
  }

  // ── the transport's side ──────────────────────────────────────────────────────────────────────

  onConnected(timing: ConnectTiming): void {
    this.options.turn.onConnected(timing, this.resuming);
  }

  onWritten(at: number): void {
    const { turn } = this.options;
    if (this.resuming) turn.record.lastAt = at;
    else turn.onWritten(at);
  }

  onHead(head: ResponseHead): void {
    this.status = head.status;
    if (!this.resuming) {
      this.options.turn.onHead(head);
      return;
    }
    this.options.turn.record.lastAt = head.at;
    this.retryAfterMs = retryAfter(head.headers);
  }

  onRetry(ms: number): void {
    this.retryMs = ms;
  }

  onFrame(frame: Frame): void {
    const { turn } = this.options;
    if (this.resuming) {
      if (this.status !== 200 && this.status !== 101) {
        this.refusal = frame.data;
        return;
      }
    }
    turn.onFrame(frame);
  }

  onEnd(end: ExchangeEnd): void {
    const { turn } = this.options;
    this.exchange = undefined;
    const left = this.leaving;
    this.leaving = undefined;
    if (turn.isSettled) return;
    const refused = this.resuming && !left ? this.refusedBy(end) : undefined;
    const isOver = turn.isDecided || (end.kind === 'complete' && this.endsHere());
    if (isOver || !(left || refused || isBreak(end))) {
      turn.onEnd(end);
      return;
    }
    // The way the stream broke is the outcome; how the tries to continue it went is reported with it.
    if (!refused && !(this.resuming && end.kind === 'connect_failed')) {
      this.broken = { end, verdict: left };
    }
    this.options.ledger.lost(end.at);
    this.goOn(refused, this.broken ?? { end, verdict: undefined });
  }

  // ── going on ──────────────────────────────────────────────────────────────────────────────────

  private begin(request: WireRequest): void {
    const { turn, channel, ledger } = this.options;
    this.status = 0;
    this.refusal = '';
    this.retryAfterMs = 0;
    this.newEventsAtStart = ledger.newEvents;
    this.exchange = channel.start(request, this);
    turn.exchange = this.exchange;
  }

  private goOn(refused: Refusal | undefined, broken: Break): void {
    const { turn, ledger, plan, conversation, rng, time } = this.options;
    const giveUp = (why: string): void => turn.onEnd(broken.end, why, broken.verdict);
    if (plan.policy === 'give_up') {
      giveUp('');
      return;
    }
    if (refused?.isFinal) {
      if (refused.isCursor) ledger.refusedCursor();
      giveUp(`not resumed: ${refused.detail}`);
      return;
    }
    if (ledger.newEvents > this.newEventsAtStart) this.attempt = 0;
    this.attempt++;
    if (this.attempt > plan.attempts) {
      giveUp(`not resumed after ${plan.attempts} tries${refused ? `: ${refused.detail}` : ''}`);
      return;
    }
    const request = conversation.resume?.(turn.record.streamId);
    if (!request) {
      // Of a stream that had not begun there is nothing to say but how it ended.
      giveUp(turn.record.events === 0 ? '' : 'not resumed: nothing had come that names the stream');
      return;
    }
    const delayMs = Math.max(
      this.retryAfterMs,
      reconnectDelay(plan, this.attempt, rng, this.retryMs),
    );
    this.timer = after(time, delayMs, () => {
      if (turn.isSettled) return;
      turn.record.lastAt = time.now();
      turn.nextConnection();
      ledger.resuming();
      this.resuming = true;
      this.begin(request);
    });
  }

  /** Whether a clean end without terminal event counts as an end. */
  private endsHere(): boolean {
    return this.options.conversation.atCleanEnd?.() !== undefined;
  }

  private refusedBy(end: ExchangeEnd): Refusal | undefined {
    if (end.kind === 'refused_upgrade') {
      return refusalOf(end.status, `HTTP ${end.status}`);
    }
    const { status } = this;
    if (status === 204) return { isFinal: true, isCursor: false, detail: 'nothing was left (204)' };
    if (status < 300) return undefined;
    return refusalOf(status, `HTTP ${status}${codeIn(this.refusal)}`);
  }
}

interface Break {
  end: ExchangeEnd;
  verdict: Verdict | undefined;
}

interface Refusal {
  isFinal: boolean;
  /** The server understood and does not have that place. */
  isCursor: boolean;
  detail: string;
}

function refusalOf(status: number, detail: string): Refusal {
  const isFinal = !isPassing(status);
  return { isFinal, isCursor: isFinal && status !== 401 && status !== 403, detail };
}

/** Ends that a stream may be taken up again after. */
function isBreak({ kind }: ExchangeEnd): boolean {
  return kind !== 'cancelled' && kind !== 'malformed' && kind !== 'refused_upgrade';
}

/** `retry-after-ms`, else `retry-after` in seconds, of a refusal; ms, 0 where there is none. */
function retryAfter(headers: Readonly<Record<string, string>>): number {
  const ms = Number(headers['retry-after-ms'] ?? Number.NaN);
  if (ms >= 0) return ms;
  const seconds = Number(headers['retry-after'] ?? Number.NaN);
  return seconds >= 0 ? seconds * 1000 : 0;
}

function codeIn(body: string): string {
  const code = /"code":\s*"([\w.-]{1,60})"/.exec(body)?.[1];
  return code === undefined ? '' : ` ${code}`;
}
