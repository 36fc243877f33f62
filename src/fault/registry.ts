/**
 * Every fault by its kind, and reading them from what users write. The members are the files in
 * src/fault/kinds/; none is named here.
 */
import { z } from 'zod';
import { StreamgaugeError, StreamgaugeErrors } from '../errors.ts';
import { checked } from '../settings/checked.ts';
import { anyOf, inOrder } from '../settings/members.ts';
import type { FaultDefinition, FaultEnvironment, FaultWay, Misfit } from './definition.ts';
import type { Fault } from './fault.ts';
import { faultMembers } from './member-list.ts';

/** One fault as users write it: `{ kind: 'delay', rtt: '50ms' }`. Values are checked, not converted. */
export const faultSchema = anyOf(faultMembers);

export type FaultSpec = z.infer<typeof faultSchema>;
export type FaultKind = FaultSpec['kind'];

const definitions = Object.fromEntries(
  inOrder(faultMembers).map((definition) => [definition.kind, definition]),
) as unknown as Readonly<Record<FaultKind, FaultDefinition>>;

/** In the order in which documentation lists them. */
export const faultKinds = Object.keys(definitions) as FaultKind[];

export function definitionOf(kind: FaultKind): FaultDefinition {
  return definitions[kind];
}

function isKind(word: string): word is FaultKind {
  return Object.hasOwn(definitions, word);
}

/**
 * The short forms in their full one: `{ delay: '25ms' }` and `{ delay: { one_way: '25ms' } }` become
 * `{ kind: 'delay', one_way: '25ms' }`. Anything else is given back as it is.
 */
export function expandFault(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  const entries = Object.entries(value);
  const [kind, settings] = entries[0] ?? [];
  // A single key that is not `kind` names the fault, known or not.
  if (entries.length !== 1 || kind === undefined || kind === 'kind') return value;
  if (typeof settings === 'object' && settings !== null && !Array.isArray(settings)) {
    return { kind, ...settings };
  }
  const short = isKind(kind) ? definitions[kind].short : undefined;
  return short === undefined ? { kind } : { kind, [short]: settings };
}

/**
 * Reads a list of faults, in full or short form.
 *
 * @param name - what the list is called in messages.
 * @throws StreamgaugeErrors `fault-invalid` for every problem found, with the place in the list.
 */
export function parseFaults(value: unknown, name = 'faults'): FaultSpec[] {
  const list: unknown = Array.isArray(value) ? value.map(expandFault) : value;
  return checked(z.array(faultSchema), list, { whole: name, prefix: name }, invalid);
}

/** As {@link parseFaults}, for one fault. @param name - what it is called in messages. */
export function parseFault(value: unknown, name: string): FaultSpec {
  return checked(faultSchema, expandFault(value), { whole: name, prefix: name }, invalid);
}

const invalid = { code: 'fault-invalid', exit: 'usage' } as const;

/** The schema behind `optional`; of several that may be meant, the one with keys. */
function unwrap(schema: z.core.$ZodType | undefined): z.core.$ZodType | undefined {
  if (schema instanceof z.ZodOptional) return unwrap(schema.unwrap());
  if (!(schema instanceof z.ZodUnion)) return schema;
  return schema.options.find((option) => option instanceof z.ZodObject) ?? schema;
}

/** Ready for a relay. @throws StreamgaugeError where a file that one names cannot be used. */
export function makeFaults(specs: readonly FaultSpec[], environment: FaultEnvironment): Fault[] {
  return specs.map((spec) => definitionOf(spec.kind).make(spec, environment));
}

/** Whether one of them must read what passes: through TLS it can only where TLS ends at the relay. */
export function lookInside(specs: readonly FaultSpec[]): boolean {
  return specs.some((spec) => definitionOf(spec.kind).looksInside?.(spec) ?? false);
}

/** Why a fault cannot happen on a way; undefined where it can. */
export function misfitOf(spec: FaultSpec, way: FaultWay): Misfit | undefined {
  return definitionOf(spec.kind).misfit?.(spec, way);
}

/** @throws StreamgaugeErrors `fault-mismatch` for every fault that cannot happen on this way. */
export function checkFit(specs: readonly FaultSpec[], way: FaultWay): void {
  const errors = specs.flatMap((spec, index) => {
    const misfit = misfitOf(spec, way);
    if (!misfit) return [];
    const { message, hints } = misfit;
    return [
      new StreamgaugeError(`fault ${index + 1} (${describeFault(spec)}): ${message}`, {
        code: 'fault-mismatch',
        exit: 'usage',
        hints,
      }),
    ];
  });
  const [first, ...others] = errors;
  if (first) throw new StreamgaugeErrors([first, ...others]);
}

/** What to tell users about faults that never acted: a run without them is not a test. */
export function neverFired(specs: readonly FaultSpec[], fired: readonly number[]): string[] {
  return specs.flatMap((spec, index) =>
    fired[index] === 0 ? [`fault ${index + 1} (${describeFault(spec)}) never fired`] : [],
  );
}

/** What documentation says of a fault. */
export interface FaultReference {
  kind: string;
  summary: string;
  models: string;
  keepsBytes: boolean;
  example: string;
  /** Inner keys with a dot: `after.bytes`. */
  keys: { name: string; required: boolean; short: boolean; description: string }[];
}

export function faultReference(): FaultReference[] {
  return faultKinds.map((kind) => {
    const { summary, models, keepsBytes, example, schema, short } = definitionOf(kind);
    return { kind, summary, models, keepsBytes, example, keys: keysIn(schema, '', short) };
  });
}

function keysIn(schema: z.ZodObject, prefix: string, short?: string): FaultReference['keys'] {
  return Object.entries(schema.shape).flatMap(([key, value]) => {
    if (key === 'kind') return [];
    const inner = unwrap(value);
    const name = `${prefix}${key}`;
    return [
      {
        name,
        required: !(value instanceof z.ZodOptional),
        short: name === short,
        description: (value as z.ZodType).description ?? '',
      },
      ...(inner instanceof z.ZodObject ? keysIn(inner, `${name}.`) : []),
    ];
  });
}

/** One line: `delay rtt=50ms`. */
export function describeFault(spec: FaultSpec): string {
  const settings = Object.entries(spec)
    .filter(([key, value]) => key !== 'kind' && value !== undefined)
    .map(([key, value]) => `${key}=${typeof value === 'object' ? compact(value) : value}`);
  return [spec.kind, ...settings].join(' ');
}

function compact(value: object): string {
  return Object.entries(value)
    .map(([key, inner]) => `${key}:${String(inner)}`)
    .join(',');
}
