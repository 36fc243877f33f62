/** The kind of an SSE block: its fields are taken apart here, what they mean says the dialect's reader. */
import type { EventKind, EventKindReader } from '../../../../wire/event-kind.ts';

/** @returns undefined for a block that is not an event: comments, a lone `retry`. */
export function kindOfBlock(text: string, kindOf: EventKindReader): EventKind | undefined {
  // Most blocks are one line of data; its line end has stayed with it.
  if (text.startsWith('data: ') && text.indexOf('\n') === text.length - 1 && !text.includes('\r')) {
    return kindOf(text.slice(6, -1), '');
  }
  let name = '';
  let data: string | undefined;
  for (const line of text.replace(/^\uFEFF/, '').split(/\r\n|\n|\r/)) {
    const colon = line.indexOf(':');
    const field = colon < 0 ? line : line.slice(0, colon);
    if (field !== 'data' && field !== 'event') continue;
    const value = colon < 0 ? '' : line.slice(line[colon + 1] === ' ' ? colon + 2 : colon + 1);
    if (field === 'event') name = value;
    else data = data === undefined ? value : `${data}\n${value}`;
  }
  return data === undefined ? undefined : kindOf(data, name);
}
