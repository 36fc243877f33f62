/** Which way bytes go, and which way of a connection a fault's settings mean. */
import { z } from 'zod';

export type Direction = 'client_to_target' | 'target_to_client';

/** Which way of the connection is meant; `up` is from client to target. */
export type Where = 'both' | 'up' | 'down';

/** The field `direction` of a fault's settings. */
export const where = () =>
  z
    .enum(['both', 'up', 'down'])
    .optional()
    .describe('which way it applies: up (client to target), down (target to client) or both');

/** Whether a setting for `where` (default both) applies to a direction. */
export function appliesTo(direction: Direction, where: Where = 'both'): boolean {
  return where === 'both' || (where === 'up') === (direction === 'client_to_target');
}
