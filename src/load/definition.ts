/** What a kind of load tells about itself; the registry holds one of these for each. */
import type { z } from 'zod';
import type { Distribution } from '../random/distribution.ts';
import type { Problem } from '../settings/problem.ts';
import type { Pacer, PacerContext } from './pacer.ts';

/** What turning settings into numbers may need in addition to them. */
export interface PlanContext {
  warmupMs: number;
  cooldownMs: number;
  /**
   * The text of a file that a setting names; undefined where it cannot be read, which is then reported.
   *
   * @param key - of the setting.
   */
  readText: (file: string, key: string) => string | undefined;
  /** Takes a mistake that no schema can find. Its path begins at the load. */
  report: (problem: Problem) => void;
}

/** A load in numbers. */
export interface PlannedLoad<Shape> {
  shape: Shape;
  /** Measured phase, without warm-up and cool-down, ms. */
  durationMs: number;
  /** Pause between two sessions of one place, ms. */
  pauseMs?: Distribution | undefined;
}

export interface PacerDefinition<
  Schema extends z.ZodObject = z.ZodObject,
  Shape extends { kind: string } = { kind: string },
> {
  kind: string;
  /** The reference lists the kinds by it, the lowest first. */
  place: number;
  /** What the reference says about it, without a full stop. */
  summary: string;
  /** A load of this kind as users write it, for the reference. */
  example: z.input<Schema>;
  /** What users may set; the keys that most kinds share are in shared-settings.ts. */
  schema: Schema;
  /**
   * Settings that fit the schema, in numbers: times in ms, rates in sessions per second.
   *
   * @returns undefined where it has reported a mistake.
   */
  plan(settings: z.infer<Schema>, context: PlanContext): PlannedLoad<Shape> | undefined;
  /** Equal shapes, durations and seeds give equal start times. */
  make(shape: Shape, context: PacerContext): Pacer;
}

export function definePacer<Schema extends z.ZodObject, Shape extends { kind: string }>(
  definition: PacerDefinition<Schema, Shape>,
): PacerDefinition<Schema, Shape> {
  const { schema, summary, example } = definition;
  // The JSON Schema, and so editors and the reference, get both from there.
  return { ...definition, schema: schema.meta({ description: summary, examples: [example] }) };
}
