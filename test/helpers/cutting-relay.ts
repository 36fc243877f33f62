/** A TCP relay that ends each connection after so many bytes of the answer, wherever that falls. */
import * as net from 'node:net';

export interface CuttingRelay {
  port: number;
  /** Connections that were cut. */
  cuts: number;
  close(): Promise<void>;
}

/**
 * @param cutAfter - bytes of the answer that the n-th connection passes on, undefined for all.
 * @param how - `rst` also loses what the client has not read yet, as a real reset does.
 */
export async function cuttingRelay(
  target: number,
  cutAfter: (connection: number) => number | undefined,
  how: 'fin' | 'rst' = 'fin',
): Promise<CuttingRelay> {
  const sockets = new Set<net.Socket>();
  let connections = 0;
  const keep = (socket: net.Socket): net.Socket => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => {});
    return socket;
  };
  const server = net.createServer({ noDelay: true }, (client) => {
    keep(client);
    let left = cutAfter(connections++) ?? Number.POSITIVE_INFINITY;
    const upstream = keep(net.connect({ host: '127.0.0.1', port: target, noDelay: true }));
    client.pipe(upstream);
    upstream.on('data', (bytes) => {
      if (left <= 0) return;
      const part = bytes.length < left ? bytes : bytes.subarray(0, left);
      left -= part.length;
      client.write(part);
      if (left > 0) return;
      relay.cuts++;
      if (how === 'rst') client.resetAndDestroy();
      else client.end();
      upstream.destroy();
    });
    upstream.on('end', () => client.end());
    upstream.on('close', () => client.end());
    client.on('close', () => upstream.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const relay: CuttingRelay = {
    port: (server.address() as net.AddressInfo).port,
    cuts: 0,
    close: () =>
      new Promise((resolve) => {
        for (const socket of sockets) socket.destroy();
        server.close(() => resolve());
      }),
  };
  return relay;
}
