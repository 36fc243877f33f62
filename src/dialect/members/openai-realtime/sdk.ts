/** The Realtime API through the official package's WebSocket client. */
import { OpenAIRealtimeWS } from 'openai/realtime/ws';
import { causeOf, openAiSdk } from '../../shared/openai-sdk.ts';

export const sdk = openAiSdk({
  connect(client, { path }, options, listener) {
    const model = new URLSearchParams(path.split('?')[1]).get('model') ?? '';
    const socket = new OpenAIRealtimeWS({ model, options }, client);
    socket.on('event', (event) => listener.onEvent(event));
    socket.on('error', (error) => listener.onError(causeOf(error)));
    socket.socket.on('open', () => listener.onOpen());
    socket.socket.on('close', (code, reason) => listener.onClose(code, reason.toString()));
    return {
      send: (message) => socket.send(message as never),
      close: () => socket.close(),
    };
  },
});
