/** A process that does not run must not blame the network for what it reads late. */
import { expect, it } from 'vitest';
import { PauseWatch } from '../../../src/diagnose/probe/process-pauses.ts';
import { VirtualScheduler } from '../../../src/timer/virtual-scheduler.ts';

it('notes pauses of this process with their place, and nothing else', () => {
  const time = new VirtualScheduler(4e9);
  const watch = new PauseWatch(time, time.now());
  time.advanceMs(23);
  time.stall(40);
  time.advanceMs(50);
  // Late, but by too little to matter.
  time.stall(9);
  time.advanceMs(50);
  watch.stop();
  time.stall(40);
  time.advanceMs(50);
  // The last tick was at 20 ms, the next at 63; ticks are 5 ms apart.
  expect(watch.pauses).toEqual([{ at: 20, length: 38 }]);
  expect(time.waiting).toBe(0);
});
