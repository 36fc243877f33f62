/**
 * What a chunk of Chat Completions is for code that only reads along. The API says with the finish_reason that
 * the answer is over; `[DONE]` only ends the stream.
 */
import type { EventKind } from '../../../wire/event-kind.ts';
import { arrayAt, isObject, objectAt, textAt, type JsonObject } from '../../shared/json.ts';

export function chatEventKind(data: string, eventName: string): EventKind {
  if (data === '[DONE]') return { name: eventName || data, token: false, terminal: true };
  return quickKind(data, eventName) ?? parsedKind(data, eventName);
}

const contentKey = '"delta":{"content":"';
const reasonKey = '"finish_reason":';
const chunkName = 'chat.completion.chunk';

/** A chunk of nothing but content, about which a look at a few places leaves no doubt. */
function quickKind(data: string, eventName: string): EventKind | undefined {
  const delta = data.indexOf(contentKey);
  if (delta < 0 || data[delta + contentKey.length] === '"') return undefined;
  // A second choice, before or after, is for the full parse.
  const reason = data.indexOf(reasonKey);
  if (data.indexOf('"delta":') !== delta || data.indexOf('"delta":', delta + 1) >= 0)
    return undefined;
  if (reason < 0 || data.lastIndexOf(reasonKey) !== reason) return undefined;
  if (!data.startsWith('null', reason + reasonKey.length) || data.includes('"error":')) {
    return undefined;
  }
  const object = data.includes(`"object":"${chunkName}"`) ? chunkName : '';
  return { name: eventName || object, token: true, terminal: false };
}

const keys = ['"choices"', '"error"', '"object"'];

function parsedKind(data: string, eventName: string): EventKind {
  let json: unknown;
  // Where several APIs may pass, most events are another's: they are not worth a parse.
  if (!keys.some((key) => data.includes(key))) {
    return { name: eventName, token: false, terminal: eventName === 'error' };
  }
  try {
    json = JSON.parse(data);
  } catch {
    return { name: eventName, token: false, terminal: false };
  }
  if (!isObject(json)) return { name: eventName, token: false, terminal: false };
  const choices = arrayAt(json, 'choices').filter(isObject);
  return {
    name: eventName || textAt(json, 'object'),
    token: choices.some((choice) => bearsTokens(objectAt(choice, 'delta') ?? {})),
    terminal:
      eventName === 'error' ||
      Boolean(json['error']) ||
      choices.some((choice) => typeof choice['finish_reason'] === 'string'),
  };
}

/** A delta, with the members that compatible servers add. */
function bearsTokens(delta: JsonObject): boolean {
  const { content, reasoning_content: thought, reasoning, refusal } = delta;
  if ([content, thought ?? reasoning, refusal].some(hasText)) return true;
  return arrayAt(delta, 'tool_calls')
    .filter(isObject)
    .some((call) => {
      const named = objectAt(call, 'function') ?? objectAt(call, 'custom') ?? {};
      return hasText(named['arguments']) || hasText(named['input']);
    });
}

function hasText(value: unknown): boolean {
  return typeof value === 'string' && value !== '';
}
