/**
 * The mock server's stamps: when it sent an event, and the how-manieth of its stream that was. They are
 * asked for, and taken off, only where the endpoint says that the target is the mock.
 */
import type { Endpoint, Frame } from './transport.ts';

type Stamped = Pick<Frame, 'truthIndex' | 'truthSentAt'>;

const memberKey = '"x_streamgauge":';

/** Headers that ask for it and name the stream; empty for any other target. */
export function truthHeaders(endpoint: Endpoint, streamId: string): Record<string, string> {
  if (!endpoint.groundTruth) return {};
  return { ...truthUpgradeHeaders(endpoint), 'x-streamgauge-stream': streamId };
}

/** The same for a WebSocket upgrade, whose messages name their streams. */
export function truthUpgradeHeaders(endpoint: Endpoint): Record<string, string> {
  return endpoint.groundTruth ? { 'x-streamgauge-truth': '1' } : {};
}

/** A message's body, with the name of its stream where the target is the mock. */
export function namedBody(
  endpoint: Endpoint,
  body: Readonly<Record<string, unknown>>,
  streamId: string,
): Readonly<Record<string, unknown>> {
  return endpoint.groundTruth ? { ...body, x_streamgauge: { stream: streamId } } : body;
}

/** Reads `sg <index> <sendNs>` out of an SSE comment. */
export function readTruthComment(comment: string, frame: Stamped): void {
  frame.truthIndex = -1;
  if (comment.length < 6) return;
  const start = comment.charCodeAt(0) === 32 ? 1 : 0;
  if (comment.charCodeAt(start) !== 115 /* s */ || comment.charCodeAt(start + 1) !== 103 /* g */) {
    return;
  }
  const space = comment.indexOf(' ', start + 3);
  if (space < 0) return;
  frame.truthIndex = Number(comment.slice(start + 3, space));
  frame.truthSentAt = Number(comment.slice(space + 1));
}

/** Reads `"x_streamgauge":{"n":…,"t":…}}` off the end of a message's text. */
export function readTruthText(frame: Stamped & { readonly data: string }): void {
  frame.truthIndex = -1;
  const { data } = frame;
  const start = data.lastIndexOf(memberKey);
  if (start < 0 || data.length - start > 80) return;
  const match = /\{"n":(\d+),"t":([\d.]+)\}\}$/.exec(data.slice(start));
  if (!match) return;
  frame.truthIndex = Number(match[1]);
  frame.truthSentAt = Number(match[2]);
}

/** Reads the same member of a message that is parsed already. */
export function readTruthMember(json: unknown, frame: Stamped): void {
  frame.truthIndex = -1;
  const truth = (json as { x_streamgauge?: { n: number; t: number } }).x_streamgauge;
  if (!truth) return;
  frame.truthIndex = truth.n;
  frame.truthSentAt = truth.t;
}
