/** Whatever is lost on the way, the bytes come out as they went in, in order, and then the end. */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { repairs } from '../../src/fault/kinds/loss/datagram/repair.ts';
import { lossFault, meanLoss, type LossProcessOptions } from '../../src/fault/kinds/loss/loss.ts';
import { VirtualScheduler } from '../../src/timer/virtual-scheduler.ts';
import { virtualContext } from '../helpers/virtual-loss.ts';

const probability = (max: number) => fc.double({ min: 0, max, noNaN: true });

/** Up to 30 % in the long run; with nearly all lost, even doubled timeouts take days. */
const process: fc.Arbitrary<LossProcessOptions> = fc
  .oneof(
    fc.record({ kind: fc.constant('bernoulli' as const), p: probability(0.3) }),
    fc.record({
      kind: fc.constant('gilbert_elliott' as const),
      goodMs: fc.double({ min: 1, max: 5000, noNaN: true }),
      badMs: fc.double({ min: 1, max: 500, noNaN: true }),
      lossGood: probability(0.1),
      lossBad: probability(1),
    }),
  )
  .filter((options) => meanLoss(options) <= 0.3);

const writes = fc.array(
  fc.record({
    size: fc.oneof(
      fc.integer({ min: 1, max: 300 }),
      fc.integer({ min: 1000, max: 5000 }),
      fc.integer({ min: 1, max: 100_000 }),
    ),
    pauseMs: fc.oneof(fc.constant(0), fc.double({ min: 0, max: 400, noNaN: true })),
  }),
  { minLength: 1, maxLength: 25 },
);

describe('a lossy path', () => {
  it('passes on every byte, once, in order, and the end last', () => {
    fc.assert(
      fc.property(
        writes,
        process,
        fc.option(process, { nil: undefined }),
        fc.oneof(fc.constant(0), fc.double({ min: 0, max: 600, noNaN: true })),
        fc.option(fc.double({ min: 0, max: 50, noNaN: true }), { nil: undefined }),
        fc.constantFrom(undefined, 536, 1448, 9000),
        fc.constantFrom(...repairs),
        fc.string(),
        (plan, loss, ackLoss, rttMs, jitterMs, mss, repair, seed) => {
          const fault = lossFault({
            rttMs,
            process: loss,
            repair,
            ...(ackLoss && { ackLoss }),
            ...(jitterMs !== undefined && { jitter: { kind: 'exponential', mean: jitterMs } }),
            ...(mss && { mss }),
          });
          const scheduler = new VirtualScheduler();
          const sent: Buffer[] = [];
          const received: Uint8Array[] = [];
          let ends = 0;
          let late = 0;
          const pipe = fault.pipe(
            virtualContext(
              scheduler,
              seed,
              (bytes) => {
                received.push(bytes);
                if (ends > 0) late++;
              },
              () => ends++,
            ),
          );
          let value = 0;
          for (const { size, pauseMs } of plan) {
            scheduler.advanceMs(pauseMs);
            const bytes = Buffer.allocUnsafe(size);
            for (let i = 0; i < size; i++) bytes[i] = value++ % 251;
            sent.push(bytes);
            pipe.write(bytes);
          }
          pipe.end();
          // With timeouts backed off to two minutes, a day is ample and costs only what happens in it.
          scheduler.advanceMs(86_400_000);
          expect(ends).toBe(1);
          expect(late).toBe(0);
          expect(Buffer.concat(received).equals(Buffer.concat(sent))).toBe(true);
        },
      ),
      { numRuns: 300 },
    );
  });
});
