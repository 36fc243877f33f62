/** Readers of event kinds for a relay: of one dialect, or of all together where it is not known. */
import type { EventKind, EventKindReader } from '../wire/event-kind.ts';
import { dialectNamed, dialects } from './registry.ts';

/**
 * @param dialect - name of what is spoken; undefined where anything may be.
 * @throws Error for a name that is none.
 */
export function eventKindReader(dialect: string | undefined): EventKindReader {
  if (dialect === undefined) return anyKind;
  const member = dialectNamed(dialect);
  return (data, eventName) => member.eventKind(data, eventName);
}

/** The first dialect to which the event means something decides; else the first that can name it. */
function anyKind(data: string, eventName: string): EventKind {
  let named: EventKind | undefined;
  for (const dialect of dialects) {
    const kind = dialect.eventKind(data, eventName);
    if (kind.token || kind.terminal) return kind;
    if (kind.name !== '') named ??= kind;
  }
  return named ?? { name: eventName, token: false, terminal: false };
}
