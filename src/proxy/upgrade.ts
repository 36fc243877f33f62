/** WebSocket and other upgrades: after the handshake a proxy passes bytes both ways, unbuffered. */
import type { IncomingMessage } from 'node:http';
import * as net from 'node:net';
import * as tls from 'node:tls';
import { pairs } from './headers.ts';
import { hostOf, type ProxyTarget } from './upstream.ts';

/** Connects a client that asked for an upgrade with the target. @returns the socket to the target. */
export function passUpgrade(
  target: ProxyTarget,
  request: IncomingMessage,
  client: net.Socket,
  first: Buffer,
): net.Socket {
  const ready = (): void => {
    const lines = pairs(request.rawHeaders)
      .filter(([name]) => name.toLowerCase() !== 'host')
      .map(([name, value]) => `${name}: ${value}\r\n`);
    upstream.write(
      `${request.method} ${request.url} HTTP/1.1\r\nHost: ${hostOf(target)}\r\n${lines.join('')}\r\n`,
      'latin1',
    );
    connected = true;
    upstream.write(first);
    client.pipe(upstream).pipe(client);
  };
  let connected = false;
  const upstream = target.tls
    ? tls.connect({ host: target.host, port: target.port, ...target.tls }, ready)
    : net.connect({ host: target.host, port: target.port }, ready);
  upstream.setNoDelay(true);
  client.setNoDelay(true);

  upstream.on('error', () => {
    if (connected) client.resetAndDestroy();
    else client.end('HTTP/1.1 502 Bad Gateway\r\nConnection: close\r\nContent-Length: 0\r\n\r\n');
  });
  client.on('error', () => upstream.resetAndDestroy());
  client.once('close', () => upstream.destroy());
  upstream.once('close', () => {
    if (connected) client.end();
  });
  return upstream;
}
