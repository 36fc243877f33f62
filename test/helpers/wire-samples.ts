/** Conversations as they stand on the wire, with the places in them that tests cut at. */
import { encodeFrame, opcodes } from '../../src/wire/websocket-frame.ts';
import { http2Preface, writeFrameHeader } from '../../src/wire/http2-frames.ts';

export const request = Buffer.from(
  'POST /v1/chat/completions HTTP/1.1\r\nhost: a\r\ncontent-length: 2\r\n\r\n{}',
);

export const upgrade = Buffer.from(
  'GET /v1/responses HTTP/1.1\r\nhost: a\r\nupgrade: websocket\r\nconnection: Upgrade\r\n\r\n',
);

export const upgraded = Buffer.from(
  'HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: Upgrade\r\n\r\n',
);

/** One event of Chat Completions. */
export function chatDelta(delta: object, finish: string | null = null): string {
  return JSON.stringify({
    id: 'chatcmpl-1',
    object: 'chat.completion.chunk',
    choices: [{ index: 0, delta, finish_reason: finish }],
  });
}

/** A whole answer: role, the texts, the reason, usage, `[DONE]`. */
export function chatEvents(texts: readonly string[]): string[] {
  return [
    chatDelta({ role: 'assistant', content: '' }),
    ...texts.map((content) => chatDelta({ content })),
    chatDelta({}, 'stop'),
    JSON.stringify({ id: 'chatcmpl-1', object: 'chat.completion.chunk', choices: [], usage: {} }),
    '[DONE]',
  ].map((data) => `data: ${data}\n\n`);
}

/** Events of the Responses API, without the SSE around them. */
export function responseMessages(texts: readonly string[]): string[] {
  let sequence_number = 0;
  const event = (type: string, more: object): string =>
    JSON.stringify({ type, sequence_number: sequence_number++, ...more });
  return [
    event('response.created', { response: {} }),
    ...texts.map((delta) => event('response.output_text.delta', { item_id: 'm', delta })),
    event('response.output_text.done', { text: texts.join('') }),
    event('response.completed', { response: { id: 'r' } }),
  ];
}

export type Framing = 'chunked' | 'length' | 'close';

/** A response with this body; chunked, with a chunk for each piece. */
export function response(
  pieces: readonly (string | Uint8Array)[],
  framing: Framing = 'chunked',
  type = 'text/event-stream',
): Buffer {
  const parts = pieces.map((piece) => Buffer.from(piece as string));
  const body = Buffer.concat(parts);
  const framed: Record<Framing, string> = {
    chunked: 'transfer-encoding: chunked\r\n',
    length: `content-length: ${body.length}\r\n`,
    close: 'connection: close\r\n',
  };
  const head = `HTTP/1.1 200 OK\r\ncontent-type: ${type}\r\n${framed[framing]}\r\n`;
  return Buffer.concat([
    Buffer.from(head),
    ...(framing === 'chunked' ? [...parts.map(chunk), Buffer.from('0\r\n\r\n')] : [body]),
  ]);
}

export function chunk(data: Uint8Array): Buffer {
  return Buffer.concat([Buffer.from(`${data.length.toString(16)}\r\n`), data, Buffer.from('\r\n')]);
}

/** A text message from the target. */
export function serverMessage(text: string): Buffer {
  return encodeFrame(opcodes.text, Buffer.from(text), false);
}

export function clientMessage(text: string): Buffer {
  return encodeFrame(opcodes.text, Buffer.from(text));
}

export function h2Frame(type: number, flags: number, stream: number, payload: Uint8Array): Buffer {
  return Buffer.concat([
    writeFrameHeader({ type, flags, stream, length: payload.length }),
    payload,
  ]);
}

/** What a client sends first: preface, settings, a request on each of these streams. */
export function h2Requests(...streams: number[]): Buffer {
  return Buffer.concat([
    Buffer.from(http2Preface, 'latin1'),
    h2Frame(4, 0, 0, new Uint8Array()),
    ...streams.map((stream) => h2Frame(1, 5, stream, Buffer.from('request headers'))),
  ]);
}
