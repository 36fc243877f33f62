/**
 * The cheap reader of event kinds for APIs whose events are JSON objects with a `type`: told by a look
 * at a few places for the common shape, by parsing where that is not certain.
 */
import type { EventKind, EventKindReader } from '../../wire/event-kind.ts';
import { isObject, textAt as memberText } from './json.ts';

export interface TypedEvents {
  /** Types whose events carry generated output, each with the member that holds it. */
  textAt: Readonly<Record<string, string>>;
  /** Types that say that the answer is over. */
  terminals: readonly string[];
}

const typeFirst = /^\{"type":"([\w.-]+)"/;
/** Of a long event perhaps only the beginning is there; in it the type of the outermost object. */
const typeInPart = /^\{[^{}[\]]{0,200}?"type"\s*:\s*"([\w.-]+)"/;

export function typedEventKind({ textAt, terminals }: TypedEvents): EventKindReader {
  const members = new Map(Object.entries(textAt));
  const ends = new Set(terminals);

  function kind(type: string, eventName: string, hasText: (member: string) => boolean): EventKind {
    const member = members.get(type);
    return {
      name: eventName || type,
      token: member !== undefined && hasText(member),
      terminal: ends.has(type),
    };
  }

  return (data, eventName) => {
    if (data === '[DONE]') return { name: eventName || data, token: false, terminal: true };
    const type = typeFirst.exec(data)?.[1];
    if (type !== undefined) return kind(type, eventName, (member) => textStarts(data, member));
    let json: unknown;
    try {
      json = JSON.parse(data);
    } catch {
      const named = typeInPart.exec(data)?.[1] ?? '';
      return kind(named, eventName, (member) => textStarts(data, member));
    }
    if (!isObject(json)) return { name: eventName, token: false, terminal: false };
    const event = json;
    return kind(memberText(event, 'type'), eventName, (member) => memberText(event, member) !== '');
  };
}

/** Whether a text that is not empty begins behind the member's key; keys inside a text have `\"`. */
function textStarts(data: string, member: string): boolean {
  const key = `"${member}":"`;
  const at = data.indexOf(key);
  return at >= 0 && data[at + key.length] !== '"';
}
