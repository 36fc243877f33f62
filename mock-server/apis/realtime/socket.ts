/** Ties a session to its WebSocket. */
import type { Duplex } from 'node:stream';
import type { RawData, WebSocket } from 'ws';
import { writeTextFrame } from '../../http/text-frame.ts';
import { RealtimeSession, type SessionOptions } from './session.ts';

/** A client that leaves so much unread is given up. */
const mostUnreadBytes = 64 * 1024 * 1024;

function textOf(data: RawData): string {
  if (Buffer.isBuffer(data)) return data.toString('utf8');
  return (Array.isArray(data) ? Buffer.concat(data) : Buffer.from(data)).toString('utf8');
}

/**
 * Serves one session until the socket closes.
 *
 * @param socket - the connection below `ws`: text frames are written to it directly, which costs a
 *   third of what `ws` takes for a small message.
 */
export function serveSession(
  ws: WebSocket,
  socket: Duplex,
  options: Omit<SessionOptions, 'port'>,
): void {
  const session = new RealtimeSession({
    ...options,
    port: {
      send: (text) => {
        if (ws.readyState !== ws.OPEN) return;
        writeTextFrame(socket, text);
        if (socket.writableLength > mostUnreadBytes) {
          session.left('overflow');
          ws.terminate();
        }
      },
      unread: () => socket.writableLength,
      close: (code, reason) => ws.close(code, reason),
      terminate: () => ws.terminate(),
    },
  });
  ws.on('message', (data, isBinary) => {
    if (isBinary) session.receiveBinary();
    else session.receive(textOf(data));
  });
  ws.on('close', () => session.left());
  // Too large a message, a broken frame: ws closes with the right code, and `close` follows.
  ws.on('error', () => undefined);
  session.start();
}

/** Opens only to say why not: browsers show nothing of a refused handshake. */
export function refuseSession(ws: WebSocket, refusal: { code: string; message: string }): void {
  const type = 'invalid_request_error';
  const { code, message } = refusal;
  ws.on('error', () => undefined);
  ws.send(
    JSON.stringify({
      type: 'error',
      event_id: 'event_refused',
      error: { type, code, message, param: null, event_id: null },
    }),
  );
  ws.close(4000, `${type}.${code}`);
}
