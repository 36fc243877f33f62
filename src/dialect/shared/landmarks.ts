/** Landmarks that several dialects report: defined once, so that they mean the same everywhere. */
import type { LandmarkDefinition } from '../../metric/landmark.ts';

export const argumentsComplete = {
  name: 'arguments_complete',
  title: 'Arguments complete',
  meaning: 'The first tool can be called: all of its arguments are there.',
  to: 'event that completes the arguments of the first tool call, or shows that they are complete',
} as const satisfies LandmarkDefinition;

export const firstSource = {
  name: 'first_source',
  title: 'First source',
  meaning: 'A reader can be shown the first web page that the answer rests on.',
  to: 'first event that cites a URL',
} as const satisfies LandmarkDefinition;

/**
 * Whether the arguments of a tool call are whole. An answer that its token limit cuts ends its items by
 * the same events as a complete one; only the text tells the two apart.
 *
 * @param text - of a call without arguments it may be empty or missing.
 */
export function areWhole(text: unknown): boolean {
  if (typeof text !== 'string' || text === '') return true;
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
