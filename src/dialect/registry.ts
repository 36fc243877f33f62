/** Every dialect by name. */
import type { Dialect, DialectName } from './dialect.ts';
import { dialectMembers } from './member-list.ts';

export const dialects = Object.fromEntries(
  dialectMembers.map((dialect) => [dialect.name, dialect]),
) as unknown as Readonly<Record<DialectName, Dialect>>;
