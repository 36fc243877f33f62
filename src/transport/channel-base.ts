/**
 * What all channels keep account of: which exchange is running, that it ends once, and that nothing is
 * said about it afterwards. How a connection is opened, used and left is each channel's business.
 */
import type { Scheduled, Scheduler } from '../timer/scheduler.ts';
import { after } from '../timer/waiting.ts';
import type { ChannelOptions } from './channel-options.ts';
import type {
  Channel,
  Endpoint,
  Exchange,
  ExchangeEnd,
  ExchangeObserver,
  LeaveHow,
  WireMessage,
  WireRequest,
} from './transport.ts';

/** How long a released exchange may take to end its framing before the connection is given up, ms. */
const releaseLingerMs = 250;

/** The exchange that runs. Channels add what belongs to it and not to the connection. */
export interface RunningExchange {
  readonly observer: ExchangeObserver;
  /** Gives up a released exchange whose framing does not end. */
  linger?: Scheduled | undefined;
}

export abstract class ChannelBase<Running extends RunningExchange> implements Channel {
  protected readonly endpoint: Endpoint;
  protected readonly options: ChannelOptions;
  protected readonly time: Scheduler;
  protected current: Running | undefined;

  constructor(endpoint: Endpoint, options: ChannelOptions) {
    this.endpoint = endpoint;
    this.options = options;
    this.time = options.time;
  }

  start(request: WireRequest, observer: ExchangeObserver): Exchange {
    const running = this.begin(observer);
    this.current = running;
    this.ask(request, running);
    return {
      cancel: (how, code) => {
        if (this.current === running) this.leaveWith(this.cancelled(), how, code);
      },
      release: () => {
        if (this.current === running) this.release(running);
      },
      send: (message) => this.send(message),
    };
  }

  close(how: LeaveHow): void {
    const end = this.cancelled();
    const running = this.take();
    this.shut(how, running);
    running?.observer.onEnd(end);
  }

  // ── what each channel does in its way ─────────────────────────────────────────────────────────

  protected abstract begin(observer: ExchangeObserver): Running;

  /** Sends the request, on the connection there is or a new one. */
  protected abstract ask(request: WireRequest, running: Running): void;

  /**
   * Leaves what carries the exchange: its stream or its connection.
   *
   * @param running - the exchange that is left, no longer current; undefined where there was none.
   * @param code - of a WebSocket close frame.
   */
  protected abstract leave(how: LeaveHow, running: Running | undefined, code?: number): void;

  /** The turn is over although the framing is not. */
  protected abstract release(running: Running): void;

  /** The channel is done with. */
  protected shut(how: LeaveHow, running: Running | undefined): void {
    this.leave(how, running);
  }

  protected send(_message: WireMessage): void {
    throw new Error('HTTP cannot send within an exchange');
  }

  /** The exchange is over: what still waits on its behalf must stop. */
  protected over(_running: Running): void {}

  // ── the end of an exchange ────────────────────────────────────────────────────────────────────

  /** Ends the running exchange, if there is one. */
  protected finish(end: ExchangeEnd): void {
    this.take()?.observer.onEnd(end);
  }

  /**
   * Ends the running exchange and leaves what carries it. In this order: whatever the connection still
   * says finds no exchange, and an observer that starts the next one finds no connection half left.
   */
  protected leaveWith(end: ExchangeEnd, how: LeaveHow, code?: number): void {
    const running = this.take();
    this.leave(how, running, code);
    running?.observer.onEnd(end);
  }

  /**
   * For a release that waits for the framing's end. The final chunk usually comes with or right after the
   * terminal event, and reading it keeps the connection; a server that holds the body open does not hold
   * up the session.
   *
   * @param endedAt - when the exchange counts as ended then, monotonic ns.
   */
  protected lingerThenLeave(running: Running, endedAt: () => number): void {
    running.linger ??= after(this.time, releaseLingerMs, () => {
      if (this.current === running) this.leaveWith({ kind: 'complete', at: endedAt() }, 'close');
    });
  }

  private take(): Running | undefined {
    const running = this.current;
    if (!running) return undefined;
    this.current = undefined;
    running.linger?.cancel();
    this.over(running);
    return running;
  }

  private cancelled(): ExchangeEnd {
    return { kind: 'cancelled', at: this.time.now() };
  }
}
