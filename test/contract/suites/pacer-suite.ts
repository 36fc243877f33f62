/**
 * What every pacer promises (docs/adding-a-pacer.md), whatever its shape. A pacer outside the repository
 * proves itself in the same way: call {@link pacerSuite} with a sample of it.
 */
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { PacerDefinition, PlannedLoad } from '../../../src/load/definition.ts';
import type { Pacer } from '../../../src/load/pacer.ts';
import { loadKinds, pacerOf } from '../../../src/load/registry.ts';
import { around } from '../../../src/load/shared-settings.ts';
import type { Problem } from '../../../src/settings/problem.ts';
import { startTimes } from '../../helpers/pacer.ts';

/** What the suite needs to know of a pacer. */
export interface PacerSample<
  Schema extends z.ZodObject = z.ZodObject,
  Shape extends { kind: string } = { kind: string },
> {
  pacer: PacerDefinition<Schema, Shape>;
  /** A load that starts at least three sessions, as a user writes it. */
  settings: z.input<Schema>;
  /** When the first of them start, ms, worked out by hand; absent where that is random. */
  starts?: readonly number[];
  /** Files that settings name. */
  files?: Readonly<Record<string, string>>;
  /** Settings that fit the schema and still make no load, and a part of what is said about them. */
  mistakes?: readonly (readonly [settings: z.input<Schema>, says: string])[];
}

/** A sample whose settings the types check. */
export function pacerSample<Schema extends z.ZodObject, Shape extends { kind: string }>(
  sample: PacerSample<Schema, Shape>,
): PacerSample<Schema, Shape> {
  return sample;
}

export function pacerSuite({ pacer: definition, settings, ...sample }: PacerSample): void {
  const { kind, schema } = definition;
  const plan = (
    input: object,
    problems: Problem[] = [],
  ): PlannedLoad<{ kind: string }> | undefined =>
    definition.plan(schema.parse(input), {
      warmupMs: 0,
      cooldownMs: 0,
      readText: (file) => sample.files?.[file],
      report: (problem) => problems.push(problem),
    });
  const planned = (): PlannedLoad<{ kind: string }> => plan(settings)!;
  const make = (seed = 'seed'): Pacer => {
    const { shape, durationMs } = planned();
    return definition.make(shape, { durationMs, seed });
  };

  describe(`the ${kind} pacer`, () => {
    it('starts something, in ascending order, within its duration', () => {
      const { durationMs } = planned();
      const starts = startTimes(make());
      expect(starts.length).toBeGreaterThanOrEqual(3);
      for (const [i, at] of starts.entries()) {
        expect(at).toBeGreaterThanOrEqual(starts[i - 1] ?? 0);
        expect(at).toBeLessThan(durationMs);
      }
    });

    const { starts: due } = sample;
    if (due) {
      it('starts its first sessions when they are due', () => {
        const starts = startTimes(make());
        for (const [i, at] of due.entries()) expect(starts[i]).toBeCloseTo(at, 2);
      });
    }

    it('never answers start with a time that is still to come', () => {
      const pacer = make();
      const { durationMs } = planned();
      for (let elapsedMs = 0; elapsedMs < durationMs; elapsedMs += durationMs / 135) {
        const pace = pacer.next({ elapsedMs, scheduled: 2, active: 0, lastEndedMs: elapsedMs });
        if (pace.kind === 'start') expect(pace.atMs).toBeLessThanOrEqual(elapsedMs);
        if (pace.kind === 'wait') expect(pace.untilMs).toBeGreaterThan(elapsedMs);
      }
    });

    it('answers the same question the same way, in any order and in another instance', () => {
      const pacer = make();
      const elapsedMs = planned().durationMs / 2;
      const states = [0, 3, 1, 2, 3, 0].map((scheduled) => ({
        elapsedMs,
        scheduled,
        active: 0,
        lastEndedMs: elapsedMs - 1,
      }));
      const first = states.map((state) => pacer.next(state));
      expect(states.map((state) => make().next(state))).toEqual(first);
      expect(first[1]).toEqual(first[4]);
      expect(first[0]).toEqual(first[5]);
    });

    it('stops forever once its duration is over and all is scheduled', () => {
      const pacer = make();
      const { durationMs } = planned();
      const scheduled = 100_000;
      for (const elapsedMs of [durationMs, durationMs + 1, 10 * durationMs]) {
        expect(pacer.next({ elapsedMs, scheduled, active: 0, lastEndedMs: 1 }).kind).toBe('stop');
      }
    });

    it('tells either a rate or a number of sessions, and neither outside its time', () => {
      const pacer = make();
      const { durationMs } = planned();
      const told = (at: number) => [pacer.rateAt(at), pacer.sessionsAt(at)];
      expect(told(durationMs / 2).filter((value) => value !== undefined)).toHaveLength(1);
      expect(pacer.rateAt(durationMs) ?? pacer.sessionsAt(durationMs)).toBe(0);
      expect(pacer.rateAt(-1) ?? pacer.sessionsAt(-1)).toBe(0);
      expect(pacer.mostSessions).toBeGreaterThanOrEqual(pacer.sessionsAt(durationMs / 2) ?? 1);
    });

    it('starts about as many sessions as the rate says that it shows', () => {
      const pacer = make();
      const { durationMs } = planned();
      if (pacer.rateAt(0) === undefined) return;
      const steps = 10_000;
      const width = durationMs / steps;
      let meant = 0;
      for (let i = 0; i < steps; i++) meant += (pacer.rateAt((i + 0.5) * width)! * width) / 1000;
      // A whole burst at the end, or four standard deviations of what is random.
      const tolerance = Math.max(3, 4 * Math.sqrt(meant));
      expect(Math.abs(startTimes(pacer).length - meant)).toBeLessThanOrEqual(tolerance);
    });

    it('describes itself in one line', () => {
      expect(make().describe()).toMatch(/^[^\n]{10,200}$/);
      expect(make().describe()).not.toMatch(/NaN|undefined|Infinity/);
    });

    it('plans a load of its kind that lasts', () => {
      expect(planned().shape.kind).toBe(kind);
      expect(planned().durationMs).toBeGreaterThan(0);
      expect(schema.shape['kind']).toMatchObject({ value: kind });
    });

    it('has an example that is right, and describes every key', () => {
      expect(definition.example).toEqual(schema.parse(definition.example));
      expect(definition.summary).toMatch(/[^.]$/);
      for (const [key, value] of Object.entries(schema.shape)) {
        if (key !== 'kind') expect((value as z.ZodType).description, key).toBeTruthy();
      }
    });

    it('takes the keys around every load, and keys of another kind as that kind does', () => {
      expect(Object.keys(schema.shape)).toEqual(expect.arrayContaining(Object.keys(around)));
      const differing = loadKinds.flatMap((other) =>
        Object.entries(pacerOf(other).schema.shape)
          .filter(
            ([key, value]) => key !== 'kind' && takes(value) !== takes(schema.shape[key] ?? value),
          )
          .map(([key]) => `${other}.${key}`),
      );
      expect(differing).toEqual([]);
    });

    it.each(sample.mistakes ?? [])('reports %j', (wrong, says) => {
      const problems: Problem[] = [];
      expect(plan(wrong, problems)).toBeUndefined();
      expect(problems.map(({ message }) => message)).toEqual([expect.stringContaining(says)]);
    });
  });
}

/** Equal text for settings that take the same values, however they are described. */
function takes(schema: z.core.$ZodType): string {
  const key = schema instanceof z.ZodOptional ? schema : (schema as z.ZodType).optional();
  return JSON.stringify(z.toJSONSchema(z.object({ key })), (name, value: unknown) =>
    name === 'description' || name === 'examples' ? undefined : value,
  );
}
