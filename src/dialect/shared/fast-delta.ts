/**
 * Reading the text of a delta without building the object around it. All but a few events of a stream
 * are deltas of one shape, and parsing each in full costs as much as reading it from the socket.
 *
 * These functions answer only where the answer is certain, and `undefined` otherwise: the caller then
 * parses the event in full. They lean on one property of JSON: a quote inside a string is escaped, so
 * `"delta":` with bare quotes is a key, never part of a text.
 */

const quote = 34;
const closingBrace = 125;

/** The string that begins at a place, or undefined where it has escapes or does not end. */
function plainString(data: string, from: number): string | undefined {
  const end = data.indexOf('"', from);
  if (end < 0) return undefined;
  const text = data.slice(from, end);
  return text.includes('\\') ? undefined : text;
}

const chatKey = '"delta":{"content":"';

/**
 * Chat Completions: the content of a chunk whose one choice has a delta of nothing but content, goes
 * on, and brings neither usage nor an error.
 */
export function chatContentDelta(data: string): string | undefined {
  const key = data.indexOf(chatKey);
  if (key < 0 || data.charCodeAt(data.length - 1) !== closingBrace) return undefined;
  // A second choice, before or after, is for the full parse.
  if (data.indexOf('"delta":') !== key) return undefined;
  const from = key + chatKey.length;
  const text = plainString(data, from);
  if (text === undefined) return undefined;
  const end = from + text.length;
  if (data.charCodeAt(end) !== quote || data.charCodeAt(end + 1) !== closingBrace) return undefined;
  if (data.indexOf('"finish_reason":null', end) < 0) return undefined;
  if (data.indexOf('"delta":', end) >= 0) return undefined;
  if (data.includes('"usage":{') || data.includes('"error":')) return undefined;
  return text;
}

const responsesType = '"type":"response.output_text.delta"';
const responsesKey = '"delta":"';

/** Responses API: the delta of a `response.output_text.delta` event. */
export function responsesTextDelta(data: string): string | undefined {
  // The type stands first or second; further in, it could belong to something inside.
  const type = data.indexOf(responsesType);
  if (type < 0 || type > 80 || data.charCodeAt(data.length - 1) !== closingBrace) return undefined;
  const key = data.indexOf(responsesKey);
  if (key < 0) return undefined;
  return plainString(data, key + responsesKey.length);
}

const sequenceKey = '"sequence_number":';

/** Responses API: the sequence number of a delta event; undefined where it has none. */
export function sequenceIn(data: string): number | undefined {
  const key = data.indexOf(sequenceKey);
  if (key < 0) return undefined;
  const number = Number.parseInt(
    data.slice(key + sequenceKey.length, key + sequenceKey.length + 16),
    10,
  );
  return Number.isNaN(number) ? undefined : number;
}
