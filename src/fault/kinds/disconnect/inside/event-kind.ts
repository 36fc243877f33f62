/**
 * What a relay must know of an event: its name, whether it bears tokens, whether the answer ends with
 * it. Told by cheap means for the common shapes, and by parsing where that is not certain. The dialects
 * say what events mean to a client; test/contract/event-kinds.test.ts holds this file to them.
 */

export interface EventKind {
  /** Of the `event` field, else the `type` of its JSON, else its `object`; `[DONE]` for itself. */
  name: string;
  /** It carries generated text, arguments or audio. */
  token: boolean;
  /** The API says with it that the answer is over: completed, cut short, failed. */
  terminal: boolean;
}

/** Events whose `delta` is generated output; Responses and Realtime, its beta names included. */
const deltas = new Set([
  'response.output_text.delta',
  'response.refusal.delta',
  'response.reasoning_summary_text.delta',
  'response.reasoning_text.delta',
  'response.function_call_arguments.delta',
  'response.custom_tool_call_input.delta',
  'response.output_audio.delta',
  'response.audio.delta',
  'response.text.delta',
]);

const terminals = new Set([
  'response.completed',
  'response.incomplete',
  'response.failed',
  'response.cancelled',
  'response.done',
  'error',
]);

/** @returns undefined for a block that is no event: comments, a lone `retry`. */
export function kindOfBlock(text: string): EventKind | undefined {
  // Most blocks are one line of data; its line end has stayed with it.
  if (text.startsWith('data: ') && text.indexOf('\n') === text.length - 1 && !text.includes('\r')) {
    return kindOfMessage(text.slice(6, -1));
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
  return data === undefined ? undefined : kindOfMessage(data, name);
}

/** @param eventField - of the SSE block; '' for a WebSocket message. */
export function kindOfMessage(data: string, eventField = ''): EventKind {
  if (data === '[DONE]') return { name: eventField || data, token: false, terminal: true };
  return quickKind(data, eventField) ?? parsedKind(data, eventField);
}

const typeFirst = /^\{"type":"([\w.]+)"/;
const chatDelta = '"delta":{"content":"';

/** Shapes about which a look at a few places leaves no doubt. */
function quickKind(data: string, eventField: string): EventKind | undefined {
  const type = typeFirst.exec(data)?.[1];
  if (type !== undefined) return typedKind(type, eventField, deltaTextStarts(data));
  const delta = data.indexOf(chatDelta);
  if (delta < 0 || data[delta + chatDelta.length] === '"') return undefined;
  // A second choice, before or after, is for the full parse.
  const reason = data.indexOf('"finish_reason":');
  if (data.indexOf('"delta":') !== delta || data.indexOf('"delta":', delta + 1) >= 0)
    return undefined;
  if (reason < 0 || data.lastIndexOf('"finish_reason":') !== reason) return undefined;
  if (!data.startsWith('null', reason + 16) || data.includes('"error":')) return undefined;
  const object = data.includes('"object":"chat.completion.chunk"') ? 'chat.completion.chunk' : '';
  return { name: eventField || object, token: true, terminal: false };
}

function deltaTextStarts(data: string): boolean {
  const at = data.indexOf('"delta":"');
  return at >= 0 && data[at + 9] !== '"';
}

function typedKind(type: string, eventField: string, deltaHasText: boolean): EventKind {
  return {
    name: eventField || type,
    token: deltas.has(type) && deltaHasText,
    terminal: terminals.has(type),
  };
}

type Json = Record<string, unknown>;

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function parsedKind(data: string, eventField: string): EventKind {
  let json: unknown;
  try {
    json = JSON.parse(data);
  } catch {
    // Not JSON, or only the beginning of a long event is kept.
    const type = /^\{[^{}[\]]{0,200}?"type"\s*:\s*"([\w.]+)"/.exec(data)?.[1] ?? '';
    return typedKind(type, eventField, deltaTextStarts(data));
  }
  if (!isObject(json)) return { name: eventField, token: false, terminal: false };
  const { type, object, delta, choices } = json;
  if (typeof type === 'string') {
    return typedKind(type, eventField, typeof delta === 'string' && delta !== '');
  }
  const list = Array.isArray(choices) ? choices.filter(isObject) : [];
  return {
    name: eventField || (typeof object === 'string' ? object : ''),
    token: list.some((choice) => isObject(choice['delta']) && bearsTokens(choice['delta'])),
    terminal:
      eventField === 'error' ||
      Boolean(json['error']) ||
      list.some((choice) => typeof choice['finish_reason'] === 'string'),
  };
}

/** A delta of Chat Completions, with the members that compatible servers add. */
function bearsTokens(delta: Json): boolean {
  const { content, reasoning_content: thought, reasoning, refusal, tool_calls: calls } = delta;
  if ([content, thought ?? reasoning, refusal].some((text) => hasText(text))) return true;
  return (
    Array.isArray(calls) &&
    calls.filter(isObject).some((call) => {
      const named = isObject(call['function']) ? call['function'] : call['custom'];
      return isObject(named) && (hasText(named['arguments']) || hasText(named['input']));
    })
  );
}

function hasText(value: unknown): boolean {
  return typeof value === 'string' && value !== '';
}
