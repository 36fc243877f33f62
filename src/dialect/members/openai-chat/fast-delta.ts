/** The text of a chunk of Chat Completions without parsing the chunk, where that is certain. */
import { endsInBrace, plainString } from '../../shared/plain-string.ts';

const quote = 34;
const closingBrace = 125;

const chatKey = '"delta":{"content":"';

/**
 * Chat Completions: the content of a chunk whose one choice has a delta of nothing but content, goes
 * on, and brings neither usage nor an error.
 */
export function chatContentDelta(data: string): string | undefined {
  const key = data.indexOf(chatKey);
  if (key < 0 || !endsInBrace(data)) return undefined;
  // A second choice, before or after, is for the full parse.
  if (data.indexOf('"delta":') !== key) return undefined;
  const from = key + chatKey.length;
  const text = plainString(data, from);
  if (text === undefined) return undefined;
  const end = from + text.length;
  if (data.charCodeAt(end) !== quote || data.charCodeAt(end + 1) !== closingBrace) return undefined;
  if (data.indexOf('"finish_reason":null', end) < 0) return undefined;
  if (data.indexOf('"delta":', end) >= 0) return undefined;
  // A search that begins with a quote stops at each of the many quotes of an event: these begin with the
  // letter after it. A longer key with the same end is for the full parse as well.
  if (data.includes('usage":{') || data.includes('error":')) return undefined;
  return text;
}

const escapedSlashes = '\\/\\/';

/**
 * Whether an event may hold a URL. Cheap because slashes are rare in an event, which the quotes, colons
 * and letters of an exact look for `"https:` are not; some servers escape them.
 */
export function mayHoldUrl(data: string): boolean {
  return data.includes('//') || data.includes(escapedSlashes);
}
