/** What the registries of members have in common. */
import { z } from 'zod';

/** What every member says of itself. */
export interface Member {
  kind: string;
  /** Documentation lists the members by it, the lowest first. */
  place: number;
  /** Its settings, with `kind` among them. */
  schema: z.ZodObject;
}

type SchemasOf<Members extends readonly Member[]> = {
  -readonly [Index in keyof Members]: Members[Index]['schema'];
};

/** In the order in which documentation lists them; those of one place by kind. */
export function inOrder<One extends Pick<Member, 'kind' | 'place'>>(
  members: readonly One[],
): One[] {
  return members.toSorted(
    (one, other) => one.place - other.place || (one.kind < other.kind ? -1 : 1),
  );
}

/** The settings of any of the members, told apart by `kind`. Strict: an unknown kind is an error. */
export function anyOf<const Members extends readonly [Member, ...Member[]]>(
  members: Members,
): z.ZodDiscriminatedUnion<SchemasOf<Members>, 'kind'> {
  return z.discriminatedUnion(
    'kind',
    // In another order than the type says, which a union does not mind.
    inOrder(members).map(({ schema }) => schema) as unknown as SchemasOf<Members>,
  );
}
