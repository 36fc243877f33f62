/** Every kind of load, and reading them. The members are the files in src/load/kinds/; none is named here. */
import { z } from 'zod';
import { anyOf, inOrder } from '../settings/members.ts';
import type { PacerDefinition, PlanContext, PlannedLoad } from './definition.ts';
import { pacerMembers } from './member-list.ts';
import type { Pacer, PacerContext } from './pacer.ts';
import { around, cap, measured } from './shared-settings.ts';

type Member = (typeof pacerMembers)[number];
type ShapesOf<Of> = Of extends { make(shape: infer Shape, context: PacerContext): Pacer }
  ? Shape
  : never;

/** Load of one arm in numbers. Times in ms, rates in sessions per second. */
export type LoadShape = ShapesOf<Member>;

/** `load:` as users write it. Values are checked, not converted. */
export const loadSchema = anyOf(pacerMembers).describe('When sessions start').meta({ id: 'Load' });

export type LoadInput = z.infer<typeof loadSchema>;
export type LoadKind = LoadInput['kind'];

const definitions = Object.fromEntries(
  inOrder(pacerMembers).map((definition) => [definition.kind, definition]),
) as unknown as Readonly<Record<LoadKind, PacerDefinition>>;

/** In the order in which documentation lists them. */
export const loadKinds = Object.keys(definitions) as LoadKind[];

export function pacerOf(kind: LoadKind): PacerDefinition {
  return definitions[kind];
}

/** Keys that each kind takes, for saying where a misplaced one belongs. */
export const loadKeys: ReadonlyMap<string, readonly string[]> = new Map(
  loadKinds.map((kind) => [kind, Object.keys(definitions[kind].schema.shape)]),
);

/** What a load comes to; undefined where a mistake was reported. */
export function planLoad(
  input: LoadInput,
  context: PlanContext,
): PlannedLoad<LoadShape> | undefined {
  return definitions[input.kind].plan(input, context) as PlannedLoad<LoadShape> | undefined;
}

/** The pacer of a load. Equal shapes, durations and seeds give equal start times. */
export function makePacer(shape: LoadShape, context: PacerContext): Pacer {
  return definitions[shape.kind].make(shape, context);
}

type KeysOf<Load> = Load extends unknown ? Exclude<keyof Load, 'kind'> : never;
type ValueOf<Load, Key> = Load extends unknown
  ? Key extends keyof Load
    ? Load[Key]
    : never
  : never;

/** Any keys of any kinds. */
export type LoadOverride = { kind?: LoadKind | undefined } & {
  [Key in KeysOf<LoadInput>]?: ValueOf<LoadInput, Key> | undefined;
};

/** Part of a load, laid over the scenario's. What does not fit the resulting kind is an error. */
export const loadOverrideSchema = z
  .strictObject({ kind: z.enum(loadKinds).optional(), ...everyKey() })
  .describe('Laid over the scenario’s `load`; another `kind` replaces it')
  .meta({ id: 'LoadOverride' }) as unknown as z.ZodType<LoadOverride, LoadOverride>;

/** The keys of all kinds, each optional, those that most kinds share behind the others. */
function everyKey(): Record<string, z.ZodType> {
  const shared: Record<string, z.ZodType> = { ...measured, ...around, ...cap };
  const keys: Record<string, z.ZodType> = {};
  for (const kind of loadKinds) {
    for (const [key, schema] of Object.entries(definitions[kind].schema.shape)) {
      // A key of two kinds is of one type; the contract suite holds that.
      if (key !== 'kind' && !(key in shared)) keys[key] ??= schema as z.ZodType;
    }
  }
  return Object.fromEntries(
    Object.entries({ ...keys, ...shared }).map(([key, schema]) => [
      key,
      schema instanceof z.ZodOptional ? schema : schema.optional(),
    ]),
  );
}
