/** Whether the request of a turn carries what its API has a place for, and nothing that it has not. */
import assert from 'node:assert/strict';
import type { TurnInput } from '../dialect/dialect.ts';
import type { TransportName, WireRequest } from '../transport/transport.ts';
import { requestParts, type RequestPart } from './dialect-sample.ts';

export const askedModel = 'model-x';

/** Asks for everything at once, in words that stand in a request only because they were asked for. */
export const askedTurn: TurnInput = {
  streamId: 'a/0/1.2',
  content: { kind: 'prompt', text: 'Say hi' },
  maxTokens: 33,
  instructions: 'Be brief',
  tools: [{ name: 'look_up', description: 'd', parameters: { type: 'object' } }],
  toolChoice: 'required',
};

/** How each part is recognised. The number stands alone: an id that was drawn may well contain a 33. */
const marks: Readonly<Record<'prompt' | 'instructions' | 'maxTokens' | 'model', RegExp>> = {
  prompt: /Say hi/,
  instructions: /Be brief/,
  maxTokens: /(?<![\w.-])33(?![\w.-])/,
  model: /model-x/,
};

/**
 * Holds the request for {@link askedTurn} to what the API's requests carry.
 *
 * @throws AssertionError where a part is missing, or is there although the sample says that it is not.
 */
export function checkRequestParts(
  request: WireRequest,
  transport: TransportName,
  carries: readonly RequestPart[] = requestParts,
): void {
  const everything = textOf(request);
  for (const [part, mark] of Object.entries(marks)) {
    const expected = carries.includes(part as RequestPart);
    const wrong = expected ? 'is not in' : 'is not carried, says the sample, but is in';
    assert.equal(mark.test(everything), expected, `${part} ${wrong} ${everything}`);
  }
  // Messages of a WebSocket have no answer that does not stream.
  if (transport === 'websocket') return;
  const { model, stream } = request.body ?? {};
  if (model !== undefined && carries.includes('model')) assert.equal(model, askedModel);
  assert.equal(stream, carries.includes('stream') ? transport !== 'http' : undefined, 'stream');
}

/** Path, query, body and messages as text; a query may write a space in two ways. */
function textOf({ path, headers, body, messages }: WireRequest): string {
  const target = decodeURIComponent(path.replaceAll('+', ' '));
  return [target, ...[headers, body, messages].map((part) => JSON.stringify(part) ?? '')].join(' ');
}
