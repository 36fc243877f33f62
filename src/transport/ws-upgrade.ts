/**
 * The client's side of a WebSocket upgrade (RFC 6455, section 4.1): what is asked, and whether the answer
 * to it is a WebSocket, a refusal, or neither.
 */
import { createHash, randomBytes } from 'node:crypto';
import { Http1ResponseParser } from '../wire/http1-response.ts';
import { truthUpgradeHeaders } from './ground-truth.ts';
import { requestTarget } from './http-request.ts';
import type { ReadStamp } from './read-stamp.ts';
import type { Endpoint, ExchangeEnd, ResponseHead, WireRequest } from './transport.ts';

/** Section 1.3: proves that the server understood the upgrade. */
const acceptSuffix = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';
/** Body of a refusal that is kept for the message, bytes. */
const maxRefusalBody = 64 * 1024;

export class WebSocketUpgrade {
  /** The answer's head, once it is there. */
  head: ResponseHead | undefined;
  private readonly endpoint: Endpoint;
  private readonly key = randomBytes(16).toString('base64');
  private readonly parser: Http1ResponseParser;
  private refusalBody = '';

  /**
   * @param stamp - of the connection.
   * @param onRefused - the whole answer is there, and it is not a WebSocket upgrade.
   */
  constructor(endpoint: Endpoint, stamp: ReadStamp, onRefused: () => void) {
    this.endpoint = endpoint;
    this.parser = new Http1ResponseParser({
      onHead: (status, headers) => {
        this.head = { at: stamp.at, status, headers, httpVersion: '1.1' };
      },
      onBody: (bytes) => {
        if (this.refusalBody.length < maxRefusalBody) this.refusalBody += bytes.toString('utf8');
      },
      onComplete: onRefused,
    });
  }

  /** The request's text. */
  request(request: WireRequest): string {
    const { endpoint } = this;
    const headers: Record<string, string> = {
      host: endpoint.baseUrl.host,
      upgrade: 'websocket',
      connection: 'Upgrade',
      'sec-websocket-version': '13',
      'sec-websocket-key': this.key,
      'user-agent': 'streamgauge',
      ...truthUpgradeHeaders(endpoint),
      ...endpoint.headers,
    };
    const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
    return `GET ${requestTarget(endpoint, request)} HTTP/1.1\r\n${lines.join('')}\r\n`;
  }

  /**
   * @returns how many bytes were the answer's; behind them frames begin.
   * @throws HttpSyntaxError where they are not HTTP.
   */
  feed(buffer: Buffer, end: number): number {
    return this.parser.feed(buffer, end);
  }

  /** Whether the server says that it has changed the protocol. */
  get switched(): boolean {
    return this.head?.status === 101;
  }

  /** Whether it has proved that the protocol is the one that was asked for. */
  get proved(): boolean {
    const expected = createHash('sha1')
      .update(this.key + acceptSuffix)
      .digest('base64');
    return this.head?.headers['sec-websocket-accept'] === expected;
  }

  /** How an exchange ends that got this answer instead of a WebSocket, as far as it has come. */
  refusal(head: ResponseHead): ExchangeEnd {
    return { kind: 'refused_upgrade', at: head.at, status: head.status, body: this.refusalBody };
  }
}
