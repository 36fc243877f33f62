/** Which transport serves an arm. */
import { SseBodyReader, WholeBodyReader } from './body-reader.ts';
import { Http1Channel } from './http1-channel.ts';
import type { Channel, Endpoint, TransportName } from './transport.ts';
import { SdkChannel } from './sdk-channel.ts';
import { UndiciChannel } from './undici-channel.ts';
import { WebSocketChannel } from './ws-channel.ts';

/** Opens one session's channel. */
export function openChannel(
  transport: TransportName,
  endpoint: Endpoint,
  options: { via: 'wire' | 'sdk' },
): Channel {
  if (options.via === 'sdk') return new SdkChannel(transport, endpoint);
  switch (transport) {
    case 'http':
      return new UndiciChannel(
        endpoint,
        'application/json',
        (observer) => new WholeBodyReader(observer),
      );
    case 'sse':
      return endpoint.httpVersion === '2'
        ? new UndiciChannel(
            endpoint,
            'text/event-stream',
            (observer) => new SseBodyReader(observer),
          )
        : new Http1Channel(
            endpoint,
            'text/event-stream',
            (observer) => new SseBodyReader(observer),
          );
    case 'websocket':
      return new WebSocketChannel(endpoint);
  }
}
