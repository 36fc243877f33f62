/** What all client events have in common, and the members of the small ones. */
import { z } from 'zod';
import { EventProblem } from './problem.ts';

export interface ClientEvent {
  readonly type: string;
  readonly [member: string]: unknown;
}

const itemIdSchema = z.string().min(1);

/** `conversation.item.create`, apart from the item. */
export const createSchema = z.object({ previous_item_id: z.string().nullable().optional() });

/** `conversation.item.truncate` */
export const truncateSchema = z.object({
  item_id: itemIdSchema,
  content_index: z.int().min(0),
  audio_end_ms: z.int().min(0),
});

/** `conversation.item.retrieve` and `.delete` */
export const namedItemSchema = z.object({ item_id: itemIdSchema });

/** `response.cancel` */
export const cancelSchema = z.object({ response_id: z.string().nullable().optional() });

/**
 * Checks what every event must have. Members that the API does not know are let pass here: the
 * event's handler is strict where the API is.
 *
 * @param known - the types that are understood.
 * @throws EventProblem
 */
export function readEvent(event: unknown, known: readonly string[]): ClientEvent {
  if (typeof event !== 'object' || event === null || Array.isArray(event)) {
    throw new EventProblem('Invalid event: expected a JSON object.', { code: 'invalid_event' });
  }
  const { type, event_id: id } = event as { type?: unknown; event_id?: unknown };
  if (type === undefined) {
    throw new EventProblem("Missing required parameter: 'type'.", {
      code: 'missing_required_parameter',
      param: 'type',
    });
  }
  if (id !== undefined && id !== null && typeof id !== 'string') {
    throw new EventProblem("Invalid type for 'event_id': expected a string.", {
      code: 'invalid_type',
      param: 'event_id',
    });
  }
  if (typeof type !== 'string' || !known.includes(type)) {
    const shown = typeof type === 'string' ? type : JSON.stringify(type);
    const supported = known.map((name) => `'${name}'`).join(', ');
    throw new EventProblem(`Invalid value: '${shown}'. Supported values are: ${supported}.`, {
      code: 'invalid_value',
      param: 'type',
    });
  }
  return event as ClientEvent;
}

/** The name of a stream in the member `x_streamgauge` of a client event. */
export function streamIdOf(event: ClientEvent): string | undefined {
  const member = event['x_streamgauge'] as { stream?: unknown } | null | undefined;
  return typeof member?.stream === 'string' ? member.stream : undefined;
}
