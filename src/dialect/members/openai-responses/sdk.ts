/** The Responses API through the official package: over HTTP, and over its WebSocket client. */
import { ResponsesWS } from 'openai/resources/responses/ws';
import { causeOf, openAiSdk } from '../../shared/openai-sdk.ts';

export const sdk = openAiSdk({
  create: (client, body, options) => client.responses.create(body, options),
  connect(client, _request, options, listener) {
    const socket = new ResponsesWS(client, options);
    socket.on('event', (event) => listener.onEvent(event));
    socket.on('error', (error) => listener.onError(causeOf(error)));
    socket.socket.on('open', () => listener.onOpen());
    socket.on('close', (code, reason) => listener.onClose(code, reason));
    return {
      send: (message) => socket.send(message as never),
      close: () => socket.close(),
    };
  },
});
