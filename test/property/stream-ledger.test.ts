/** The ledger compared with a count that keeps the whole list. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { StreamLedger } from '../../src/session/stream-ledger.ts';

/** What happened to a list of numbers that should have been 0, 1, 2, … */
function countSimply(arrived: readonly number[]): Record<string, number> {
  const seen = new Set<number>();
  let duplicates = 0;
  let reorders = 0;
  let highest = -1;
  for (const number of arrived) {
    if (seen.has(number)) duplicates++;
    else if (number < highest) reorders++;
    seen.add(number);
    highest = Math.max(highest, number);
  }
  let gaps = 0;
  for (let number = 0; number < highest; number++) if (!seen.has(number)) gaps++;
  return { gaps, duplicates, reorders };
}

function count(arrived: readonly number[], stamped: boolean): Record<string, number> {
  const ledger = new StreamLedger();
  for (const number of arrived)
    ledger.event(stamped ? Number.NaN : number, stamped ? number : -1, 1, 0);
  const { gaps, duplicates, reorders } = ledger.close();
  return { gaps, duplicates, reorders };
}

describe('the ledger', () => {
  it('counts any mixture of lost, repeated and shuffled events as the whole list shows it', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(40), { maxLength: 120 }), (arrived) => {
        expect(count(arrived, true)).toEqual(countSimply(arrived));
        // A protocol's numbers may begin anywhere: what came first is the beginning.
        const shifted = [0, ...arrived];
        expect(
          count(
            shifted.map((number) => number + 7),
            false,
          ),
        ).toEqual(countSimply(shifted));
      }),
    );
  });

  it('finds nothing in a stream that is whole, wherever it was cut and overlapped', () => {
    fc.assert(
      fc.property(fc.nat(200), fc.array(fc.nat(30), { maxLength: 8 }), (length, overlaps) => {
        const arrived: number[] = [];
        const cuts = overlaps.map((_, i) => Math.floor(((i + 1) * length) / (overlaps.length + 1)));
        let next = 0;
        for (const [i, cut] of [...cuts, length].entries()) {
          for (; next < cut; next++) arrived.push(next);
          next = Math.max(0, next - (overlaps[i] ?? 0));
        }
        const { gaps, reorders, duplicates } = count(arrived, true);
        expect({ gaps, reorders }).toEqual({ gaps: 0, reorders: 0 });
        expect(duplicates).toBe(arrived.length - new Set(arrived).size);
      }),
    );
  });

  it('counts what is far beyond without remembering it', () => {
    const ledger = new StreamLedger();
    ledger.event(Number.NaN, 0, 1, 0);
    ledger.event(Number.NaN, 1_000_000_000, 1, 0);
    expect(ledger.close().gaps).toBe(999_999_999);
  });
});
