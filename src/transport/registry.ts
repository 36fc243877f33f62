/** Which transport serves an arm. */
import { SseBodyReader, WholeBodyReader } from './body-reader.ts';
import { Http1Channel } from './http1-channel.ts';
import type { ParkedConnections } from './leaving.ts';
import type { ReaderPace } from './paced-reader.ts';
import type { SdkAdapter } from './sdk.ts';
import type { Channel, Endpoint, TransportName } from './transport.ts';
import { SdkChannel } from './sdk-channel.ts';
import { UndiciChannel } from './undici-channel.ts';
import { WebSocketChannel } from './ws-channel.ts';

export interface ChannelOptions {
  /** The official package to go through; undefined: our own client. */
  sdk?: SdkAdapter | undefined;
  /** Read no faster than that; the official client cannot be told. */
  reader?: ReaderPace | undefined;
  /** Takes connections that are left open on purpose. */
  parked?: ParkedConnections | undefined;
}

/** Opens one session's channel. */
export function openChannel(
  transport: TransportName,
  endpoint: Endpoint,
  options: ChannelOptions,
): Channel {
  if (options.sdk) return new SdkChannel(transport, endpoint, options.sdk);
  switch (transport) {
    case 'http':
      return new UndiciChannel(
        endpoint,
        'application/json',
        (observer) => new WholeBodyReader(observer),
        options,
      );
    case 'sse':
      return endpoint.httpVersion === '2'
        ? new UndiciChannel(
            endpoint,
            'text/event-stream',
            (observer) => new SseBodyReader(observer),
            options,
          )
        : new Http1Channel(
            endpoint,
            'text/event-stream',
            (observer) => new SseBodyReader(observer),
            options,
          );
    case 'websocket':
      return new WebSocketChannel(endpoint, options);
  }
}
