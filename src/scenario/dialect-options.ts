/**
 * Options of the dialects as keys of an arm: the scenario's schema is made of what the members bring,
 * and no file here knows one of them.
 *
 * A key may stand at the top level as the default of all arms. An arm whose dialect does not have it
 * may hold the option's neutral value only.
 */
import { z } from 'zod';
import type { Dialect } from '../dialect/dialect.ts';
import type { dialectMembers } from '../dialect/member-list.ts';
import type { DialectOption, DialectOptions } from '../dialect/options.ts';
import { dialects } from '../dialect/registry.ts';
import type { Path, Problem } from '../settings/problem.ts';
import { problemsOf } from '../settings/schema-problems.ts';

type MemberOptions = (typeof dialectMembers)[number]['options'];
type Keys<Union> = Union extends unknown ? keyof Union : never;
type OptionAt<Union, Key extends PropertyKey> =
  Union extends Record<Key, DialectOption & { readonly schema: infer Schema extends z.ZodType }>
    ? Schema
    : never;

/** Keys that some dialect has, each with the schemas of those that have it. */
type OptionShape = {
  [Key in Keys<MemberOptions>]: z.ZodOptional<OptionAt<MemberOptions, Key>>;
};

const byKey = new Map<string, { dialect: Dialect; option: DialectOption }[]>();
for (const dialect of dialects) {
  for (const [key, option] of Object.entries(dialect.options)) {
    byKey.set(key, [...(byKey.get(key) ?? []), { dialect, option }]);
  }
}

/** For the schema of an arm: every key, with what any dialect lets it hold. */
export const dialectOptionShape = Object.fromEntries(
  [...byKey].map(([key, owners]) => [key, anyOf(owners.map(({ option }) => option.schema))]),
) as unknown as OptionShape;

function anyOf(schemas: readonly z.ZodType[]): z.ZodType {
  const [first, ...others] = schemas;
  if (others.length === 0) return first!.optional();
  const described = schemas.find(({ description }) => description !== undefined);
  return z
    .union(schemas)
    .optional()
    .describe(described?.description ?? '');
}

/**
 * The options of an arm's dialect, complete.
 *
 * @param arm - as written, defaults of the top level included; its keys have passed the schema.
 * @param report - takes keys that the dialect does not have, or not with this value.
 */
export function buildDialectOptions(
  arm: Readonly<Record<string, unknown>>,
  dialect: Dialect,
  report: (problem: Problem, follows: readonly Path[]) => void,
): DialectOptions {
  for (const [key, owners] of byKey) {
    const value = arm[key];
    if (value === undefined || key in dialect.options) continue;
    if (owners.some(({ option }) => option.neutral === value)) continue;
    const names = owners.map((owner) => owner.dialect.name);
    report(
      {
        path: [key],
        code: 'option-mismatch',
        message: `${dialect.name} has no ${key}`,
        hints: [
          `${key} belongs to dialect: ${names.join(', ')}`,
          'set it in the arms of that dialect',
        ],
      },
      [['dialect']],
    );
  }
  return Object.fromEntries(
    Object.entries(dialect.options).map(([key, { schema, neutral }]) => {
      const value = arm[key];
      if (value === undefined) return [key, neutral];
      // Where several dialects have the key, the arm's schema lets pass what any of them takes.
      for (const problem of problemsOf(schema, value, { whole: key, prefix: key })) {
        report({ ...problem, path: [key, ...problem.path] }, [['dialect']]);
      }
      return [key, value];
    }),
  );
}

/** What documentation says of a dialect. */
export interface DialectReference {
  name: string;
  summary: string;
  transports: readonly string[];
  supports: Dialect['supports'];
  landmarks: Dialect['landmarks'];
  /** Keys of its options. */
  options: string[];
}

export function dialectReference(): DialectReference[] {
  return dialects.map(({ name, summary, transports, supports, landmarks, options }) => ({
    name,
    summary,
    transports,
    supports,
    landmarks,
    options: Object.keys(options),
  }));
}
