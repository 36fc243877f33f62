/** Which transport serves an arm. */
import { SseBodyReader, WholeBodyReader, type BodyKind } from './body-reader.ts';
import type { ChannelOptions } from './channel-options.ts';
import { Http1Channel } from './http1-channel.ts';
import { SdkChannel } from './sdk-channel.ts';
import type { Channel, Endpoint, TransportName } from './transport.ts';
import { UndiciChannel } from './undici-channel.ts';
import { WebSocketChannel } from './ws-channel.ts';

/** Opens one session's channel. */
export function openChannel(
  transport: TransportName,
  endpoint: Endpoint,
  options: ChannelOptions,
): Channel {
  if (options.sdk) return new SdkChannel(transport, endpoint, options, options.sdk);
  switch (transport) {
    case 'http':
      return new UndiciChannel(endpoint, options, {
        accept: 'application/json',
        makeReader: (observer) => new WholeBodyReader(observer),
      });
    case 'sse': {
      const body = {
        accept: 'text/event-stream',
        makeReader: (observer) => new SseBodyReader(observer),
      } satisfies BodyKind;
      return endpoint.httpVersion === '2'
        ? new UndiciChannel(endpoint, options, body)
        : new Http1Channel(endpoint, options, body);
    }
    case 'websocket':
      return new WebSocketChannel(endpoint, options);
  }
}
