/** Landmarks against a reference that keeps everything: the first time counts, and none is below 0. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { landmarkTimes } from '../../src/engine/landmark-times.ts';
import { landmarkTurn, type LandmarkFrame } from '../helpers/landmark-turn.ts';

const declared = ['first_source', 'arguments_complete', 'first_finding'];
const name = fc.constantFrom(...declared, 'made_up');

const frames: fc.Arbitrary<LandmarkFrame[]> = fc
  .array(fc.tuple(fc.integer({ min: -50, max: 500 }), fc.array(name, { maxLength: 4 })), {
    maxLength: 20,
  })
  .map((steps) => steps.sort(([a], [b]) => a - b).map(([at, reaches]) => ({ at, reaches })));

describe('the landmarks of a turn', () => {
  it('are the first of each declared name', async () => {
    await fc.assert(
      fc.asyncProperty(frames, async (steps) => {
        const expected = new Map<string, number>();
        for (const { at, reaches = [] } of steps) {
          for (const reached of reaches) {
            if (declared.includes(reached) && !expected.has(reached)) {
              expected.set(reached, Math.max(0, at));
            }
          }
        }
        const turn = await landmarkTurn(steps, declared);
        expect(landmarkTimes(turn)).toEqual([...expected]);
      }),
    );
  });
});
