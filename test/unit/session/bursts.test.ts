import { describe, expect, it } from 'vitest';
import { Bursts } from '../../../src/session/bursts.ts';

/** Reads as [ms, bytes, events] of one answer. */
function seen(...reads: [number, number, number][]): Bursts {
  const bursts = new Bursts();
  let bytes = 0;
  let events = 0;
  for (const [ms, size, count] of reads) {
    bursts.read(ms * 1e6, bytes, events);
    bytes += size;
    events += count;
  }
  return bursts;
}

describe('bursts of an answer', () => {
  it('leaves out the first, which began with the head, and the last, which ends with the answer', () => {
    const bursts = seen([0, 3800, 13], [280, 4096, 14], [560, 4000, 13], [840, 700, 2]);
    expect(bursts).toMatchObject({
      count: 2,
      events: 27,
      bytes: 8096,
      bytesSquared: 4096 ** 2 + 4000 ** 2,
      ms: 560,
      msSquared: 2 * 280 ** 2,
    });
  });

  it('takes reads less than 4 ms apart for one burst, however many', () => {
    const bursts = seen([0, 1, 1], [100, 5, 1], [103, 5, 1], [106, 5, 1], [109, 5, 1], [200, 5, 1]);
    expect(bursts).toMatchObject({ count: 1, events: 4, bytes: 20, ms: 100 });
  });

  it('takes events on their own for bursts of one', () => {
    const bursts = seen(
      ...Array.from({ length: 10 }, (_, i): [number, number, number] => [i * 20, 200, 1]),
    );
    expect(bursts.events / bursts.count).toBe(1);
  });

  it.each([
    ['eighty events in two reads, late', 2000, 80, 2, true],
    ['the same without a wait', 40, 80, 2, false],
    ['events of a very fast model', 2000, 80, 40, false],
  ])('%s', (_, waitedMs, events, reads, expected) => {
    const bursts = seen([0, 9000, events], [1, 9000, 0]);
    expect(bursts.cameAtOnce(waitedMs, events, reads)).toBe(expected);
  });

  it('does not take an answer in two bursts for one in one piece', () => {
    expect(seen([0, 9000, 40], [50, 9000, 40]).cameAtOnce(2000, 80, 2)).toBe(false);
  });
});
