/**
 * Reading the text of a delta without building the object around it. All but a few events of a stream
 * are deltas of one shape, and parsing each in full costs as much as reading it from the socket.
 *
 * Members that do so answer only where the answer is certain, and `undefined` otherwise: the caller then
 * parses the event in full. They lean on one property of JSON: a quote inside a string is escaped, so
 * `"delta":` with bare quotes is a key, never part of a text.
 */

/** The string that begins at a place, or undefined where it has escapes or does not end. */
export function plainString(data: string, from: number): string | undefined {
  const end = data.indexOf('"', from);
  if (end < 0) return undefined;
  const text = data.slice(from, end);
  return text.includes('\\') ? undefined : text;
}

const closingBrace = 125;

/** Whether it may be an object: a cut one is for the full parse. */
export function endsInBrace(data: string): boolean {
  return data.charCodeAt(data.length - 1) === closingBrace;
}
