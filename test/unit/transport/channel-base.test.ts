/** What every channel gets from its base: one exchange, one end, and in which order it is left. */
import { beforeEach, describe, expect, it } from 'vitest';
import { VirtualScheduler } from '../../../src/timer/virtual-scheduler.ts';
import { ChannelBase, type RunningExchange } from '../../../src/transport/channel-base.ts';
import type {
  Endpoint,
  Exchange,
  ExchangeEnd,
  ExchangeObserver,
  LeaveHow,
  WireRequest,
} from '../../../src/transport/transport.ts';

const endpoint: Endpoint = {
  baseUrl: new URL('http://127.0.0.1:1'),
  headers: {},
  tls: { rejectUnauthorized: true },
  httpVersion: '1.1',
  timeouts: { connectMs: 1000 },
  groundTruth: false,
};
const request: WireRequest = { streamId: 's', method: 'POST', path: '/' };

let time: VirtualScheduler;
/** Everything that happens, in order. */
let log: string[];
let nextStart: (() => void) | undefined;

class TestChannel extends ChannelBase<RunningExchange> {
  protected begin(observer: ExchangeObserver): RunningExchange {
    return { observer };
  }

  protected ask(): void {
    log.push('ask');
  }

  protected leave(how: LeaveHow, _running: RunningExchange | undefined, code?: number): void {
    log.push(`leave ${how}${code === undefined ? '' : ` ${code}`}`);
    // The connection may speak while it is left.
    this.finish({ kind: 'reset', at: 0, detail: 'late' });
    expect(this.current).toBeUndefined();
  }

  protected release(running: RunningExchange): void {
    this.lingerThenLeave(running, () => this.time.now());
  }

  protected override over(): void {
    log.push('over');
  }

  peerEnds(end: ExchangeEnd): void {
    this.finish(end);
  }
}

function start(channel: TestChannel): Exchange {
  const nothing = (): void => {};
  return channel.start(request, {
    onConnected: nothing,
    onWritten: nothing,
    onHead: nothing,
    onFrame: nothing,
    onEnd: ({ kind, at }) => {
      log.push(`end ${kind} ${at / 1e6}`);
      nextStart?.();
    },
  });
}

describe('a channel', () => {
  let channel: TestChannel;
  beforeEach(() => {
    time = new VirtualScheduler();
    log = [];
    nextStart = undefined;
    channel = new TestChannel(endpoint, { time });
  });

  it('ends an exchange once, whichever side is first', () => {
    const exchange = start(channel);
    channel.peerEnds({ kind: 'complete', at: 5e6 });
    exchange.cancel('rst');
    exchange.release();
    channel.peerEnds({ kind: 'cut', at: 6e6, detail: '' });
    time.advanceMs(1000);
    expect(log).toEqual(['ask', 'over', 'end complete 5']);
  });

  it('leaves as it is asked before the observer is told of it, and only once', () => {
    const exchange = start(channel);
    time.advanceMs(7);
    exchange.cancel('ws_close', 4001);
    exchange.cancel('rst');
    expect(log).toEqual(['ask', 'over', 'leave ws_close 4001', 'end cancelled 7']);
  });

  it('lets the observer start the next exchange, which the end before does not touch', () => {
    const exchange = start(channel);
    let next: Exchange | undefined;
    nextStart = () => {
      nextStart = undefined;
      next = start(channel);
    };
    exchange.cancel('close');
    exchange.cancel('close');
    expect(log).toEqual(['ask', 'over', 'leave close', 'end cancelled 0', 'ask']);
    log.length = 0;
    next!.cancel('fin');
    expect(log).toEqual(['over', 'leave fin', 'end cancelled 0']);
  });

  it('gives up a released exchange whose framing does not end', () => {
    const exchange = start(channel);
    exchange.release();
    exchange.release();
    time.advanceMs(249);
    expect(log).toEqual(['ask']);
    time.advanceMs(1);
    expect(log).toEqual(['ask', 'over', 'leave close', 'end complete 250']);
  });

  it('waits for nothing once a released exchange has ended', () => {
    const exchange = start(channel);
    exchange.release();
    channel.peerEnds({ kind: 'complete', at: 1e6 });
    expect(time.waiting).toBe(0);
    // The next exchange is not taken for the one that was released.
    start(channel);
    time.advanceMs(1000);
    expect(log).toEqual(['ask', 'over', 'end complete 1', 'ask']);
  });

  it('cancels what runs when it is closed, and may be closed again', () => {
    start(channel);
    channel.close('fin');
    channel.close('fin');
    expect(log).toEqual(['ask', 'over', 'leave fin', 'end cancelled 0', 'leave fin']);
  });
});
