/** The shared timer on real time. How late it is exactly is measured in bench/. */
import { expect, it } from 'vitest';
import { RealScheduler } from '../../src/timer/real-scheduler.ts';

it('is rarely late, and does not spin', async () => {
  const scheduler = new RealScheduler();
  const start = scheduler.now();
  const cpu = process.cpuUsage();
  const errors: number[] = [];
  await new Promise<void>((resolve) => {
    for (let i = 0; i < 400; i++) {
      const due = start + (50 + i) * 1e6 + i * 311;
      scheduler.at(due, () => errors.push((scheduler.now() - due) / 1e6));
    }
    scheduler.at(start + 1050e6, resolve);
  });
  const used = process.cpuUsage(cpu);
  scheduler.close();
  errors.sort((a, b) => a - b);
  expect(errors[Math.floor(errors.length * 0.5)]).toBeLessThan(5);
  expect((used.user + used.system) / 1000).toBeLessThan(700);
});
