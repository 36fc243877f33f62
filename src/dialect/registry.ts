/** Every dialect, and finding them by name. */
import type { Dialect } from './dialect.ts';
import { dialectMembers } from './member-list.ts';

/** Spoken where an arm names no dialect. */
export const defaultDialect = 'openai-chat';

export const dialects: readonly Dialect[] = dialectMembers;

export const dialectNames: readonly string[] = dialects.map(({ name }) => name);

const byName = new Map(dialects.map((dialect) => [dialect.name, dialect]));

/** @throws Error for a name that no schema has let through. */
export function dialectNamed(name: string): Dialect {
  const dialect = byName.get(name);
  if (!dialect) throw new Error(`there is no dialect ${name}`);
  return dialect;
}

/** Where users of the default dialect usually keep their key; to name in hints and examples. */
export const exampleKeyVariable =
  dialectNamed(defaultDialect).supports.diagnose?.keyVariable ?? 'MY_API_KEY';

/** A model's name for examples. */
export const exampleModel = dialectNamed(defaultDialect).supports.diagnose?.model ?? 'my-model';

/** Names of the dialects that can do something, for hints: `a, b`. */
export function dialectsThat(can: (dialect: Dialect) => boolean): string {
  return dialects
    .filter(can)
    .map(({ name }) => name)
    .join(', ');
}
