/** When a target with a few slots frees the one of a client that has left, found out in virtual time. */
import { expect, it } from 'vitest';
import { dialectNamed } from '../../../src/dialect/registry.ts';
import { probeSlots, type SlotProbeResult } from '../../../src/engine/slot-probe.ts';
import type { LeavePlan } from '../../../src/scenario/plan.ts';
import { VirtualScheduler } from '../../../src/timer/virtual-scheduler.ts';
import { after } from '../../../src/timer/waiting.ts';
import type { Channel, ExchangeObserver } from '../../../src/transport/transport.ts';
import { armPlan, endpointFor } from '../../helpers/arm.ts';
import { chatDelta } from '../../helpers/scripted-server.ts';
import { body, head, repeated, ScriptedWire } from '../../helpers/scripted-wire.ts';

const leave: LeavePlan = {
  how: 'fin',
  code: 1000,
  moment: { kind: 'begun' },
  before: undefined,
  share: 1,
  resumes: false,
  probeSlots: 2,
};
const ttftMs = 40;

/** A target that serves so many at once, and is told of a client that has left after `noticeMs`. */
class SlottedTarget {
  readonly wire: ScriptedWire;
  private readonly time: VirtualScheduler;
  private readonly noticeMs: number;
  private free: number;
  private readonly queue: (() => void)[] = [];

  constructor(time: VirtualScheduler, slots: number, noticeMs: number) {
    this.time = time;
    this.free = slots;
    this.noticeMs = noticeMs;
    this.wire = new ScriptedWire(time, () => []);
  }

  readonly open: ScriptedWire['open'] = (...how) => {
    const channel = this.wire.open(...how);
    const start: Channel['start'] = (request, observer) => {
      let queued = true;
      const serve = (): void => {
        queued = false;
        this.free -= 1;
        exchange.answer(
          head(ttftMs),
          ...repeated(400, 100, (afterMs) => body(afterMs, chatDelta('t'))),
        );
      };
      const watching: ExchangeObserver = {
        onConnected: (timing) => observer.onConnected(timing),
        onHead: (one) => observer.onHead(one),
        onFrame: (frame) => observer.onFrame(frame),
        onWritten: (at) => {
          observer.onWritten(at);
          if (this.free > 0) after(this.time, 0, serve);
          else this.queue.push(serve);
        },
        onEnd: (end) => {
          observer.onEnd(end);
          if (queued) this.queue.splice(this.queue.indexOf(serve), 1);
          else after(this.time, this.noticeMs, () => this.release());
        },
      };
      channel.start(request, watching);
      const exchange = this.wire.exchanges.at(-1)!;
      return exchange;
    };
    return { start, close: (how) => channel.close(how) };
  };

  private release(): void {
    this.free += 1;
    this.queue.shift()?.();
  }
}

function probe(target: SlottedTarget, time: VirtualScheduler): Promise<SlotProbeResult> {
  const arm = armPlan({ leave });
  return time.until(
    probeSlots(
      {
        arm,
        dialect: dialectNamed(arm.dialect),
        endpoint: endpointFor(arm, 'http://scripted.invalid/v1'),
        seed: '1',
        streamPrefix: 'arm/0',
        audioFiles: new Map(),
        time,
        openChannel: target.open,
        limits: { readingPaceMs: 100, maxArrivals: 10 },
      },
      leave,
      2,
      () => false,
    ),
  );
}

it('tells how long the target takes to notice', async () => {
  const time = new VirtualScheduler(2e9);
  const { latenciesMs, failed } = await probe(new SlottedTarget(time, 2, 130), time);
  expect(failed).toBe(0);
  // Less the time to a first token; each repetition begins when the slots are free again.
  expect(latenciesMs).toEqual([130, 130, 130, 130, 130]);
});

it('says nothing where the further request does not wait', async () => {
  const time = new VirtualScheduler(2e9);
  const { latenciesMs, failed } = await probe(new SlottedTarget(time, 3, 130), time);
  expect({ latenciesMs, failed }).toEqual({ latenciesMs: [], failed: 5 });
});

it('gives up on a target that never frees the slot', async () => {
  const time = new VirtualScheduler(2e9);
  const startMs = time.now() / 1e6;
  const { latenciesMs, failed } = await probe(new SlottedTarget(time, 2, 3_000_000), time);
  expect({ latenciesMs, failed }).toEqual({ latenciesMs: [], failed: 5 });
  // Five times 30 s for what does not come, some more for waiting before.
  expect((time.now() / 1e6 - startMs) / 1000).toBeLessThan(5 * 32);
});
