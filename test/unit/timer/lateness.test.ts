import { describe, expect, it } from 'vitest';
import { LatenessRecorder } from '../../../src/timer/lateness.ts';

const second = 1e9;
const ms = 1e6;

describe('LatenessRecorder', () => {
  it('keeps everything, and the last seconds apart', () => {
    const recorder = new LatenessRecorder();
    for (let i = 0; i < 100; i++) recorder.record(1 * second, 50 * ms); // a burst at the start
    for (let t = 8; t < 30; t++) {
      for (let i = 0; i < 100; i++) recorder.record(t * second, 0.1 * ms);
    }
    const { samples, max, recent } = recorder.summary(30 * second);
    expect(samples).toBe(2300);
    expect(max).toBeCloseTo(50, 0);
    expect(recent.samples).toBeGreaterThanOrEqual(400);
    expect(recent.samples).toBeLessThanOrEqual(1100);
    expect(recent.max).toBeCloseTo(0.1, 2);
  });

  it('forgets what is recent when nothing has happened since, and counts early as on time', () => {
    const recorder = new LatenessRecorder();
    recorder.record(1 * second, -3 * ms);
    expect(recorder.summary(2 * second)).toMatchObject({
      samples: 1,
      max: 0,
      recent: { samples: 1 },
    });
    expect(recorder.summary(60 * second)).toMatchObject({ samples: 1, recent: { samples: 0 } });
  });
});
