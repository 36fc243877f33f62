/** WebSockets on which a client sends JSON objects, one to a text message. */
import type { Duplex } from 'node:stream';
import { WebSocketServer, type RawData, type WebSocket } from 'ws';
import { badRequest } from './api-problem.ts';
import type { Body } from './body-fields.ts';
import type { MockContext } from './context.ts';
import { bearerKey, checkKey, truthAsked } from './exchange.ts';
import { parseJsonObject } from './read-body.ts';
import type { Router } from './router.ts';

/** What serves one connection. */
export interface JsonSocketSession {
  message(data: RawData, isBinary: boolean): void;
  closed(): void;
}

export interface OpenedSocket {
  ws: WebSocket;
  /** The connection below `ws`; text frames are written to it directly. */
  socket: Duplex;
  /** Whether its client asks for send-time stamps. */
  truth: boolean;
}

/** Takes upgrades of a path; the key is checked before. */
export function registerJsonSocket(
  router: Router,
  context: MockContext,
  path: string,
  open: (opened: OpenedSocket) => JsonSocketSession,
): void {
  const maxPayload = context.settings.limits.messageBytes;
  const server = new WebSocketServer({ noServer: true, perMessageDeflate: false, maxPayload });
  router.registerUpgrade(path, ({ request, socket, head }) => {
    checkKey(context, bearerKey(request));
    server.handleUpgrade(request, socket, head, (ws) => {
      const session = open({ ws, socket, truth: truthAsked(request) });
      ws.on('message', (data, isBinary) => session.message(data, isBinary));
      ws.on('close', () => session.closed());
      // A wrong frame or a message too large: ws closes with the right code by itself.
      ws.on('error', () => undefined);
    });
  });
}

/** @throws ApiProblem 400 where the message is not a JSON object in text. */
export function readJsonMessage(data: RawData, isBinary: boolean): Body {
  if (isBinary) throw badRequest('Binary messages are not supported; send JSON text.');
  // ws gives text as one Buffer unless told otherwise.
  return parseJsonObject(data as Buffer);
}
