import * as net from 'node:net';
import * as tls from 'node:tls';
import { expect, it } from 'vitest';
import { offeredProtocols } from '../../../src/wire/client-hello.ts';

/** The first bytes a real client sends. */
async function hello(options: tls.ConnectionOptions): Promise<Buffer> {
  const server = net.createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as net.AddressInfo;
  const socket = tls.connect({ ...options, port, host: '127.0.0.1' });
  socket.on('error', () => {});
  const bytes = await new Promise<Buffer>((resolve) =>
    server.once('connection', (accepted) => accepted.once('data', resolve)),
  );
  socket.destroy();
  server.close();
  return bytes;
}

it.each([
  [{ ALPNProtocols: ['h2', 'http/1.1'], servername: 'api.test' }, ['h2', 'http/1.1']],
  [{ ALPNProtocols: ['http/1.1'] }, ['http/1.1']],
  [{}, []],
  [{ maxVersion: 'TLSv1.2' as const, ALPNProtocols: ['h2'] }, ['h2']],
])('%j: reads what is offered, and only when all of it is there', async (options, expected) => {
  const bytes = await hello(options);
  expect(offeredProtocols(bytes)).toEqual(expected);
  for (let length = 0; length < bytes.length; length += 7) {
    expect(offeredProtocols(bytes.subarray(0, length))).toBeUndefined();
  }
});

it('reads a hello that is cut into several records', async () => {
  const bytes = await hello({ ALPNProtocols: ['h2'] });
  const message = bytes.subarray(5);
  const record = (part: Buffer): Buffer =>
    Buffer.concat([Buffer.from([22, 3, 1, part.length >> 8, part.length & 255]), part]);
  const cut = Buffer.concat([record(message.subarray(0, 50)), record(message.subarray(50))]);
  expect(offeredProtocols(cut)).toEqual(['h2']);
});

it.each(['GET / HTTP/1.1\r\n', '\u0016\u0001\u0000\u0000\u0000', '\u0015\u0003\u0001\u0000\u0002'])(
  'refuses %j',
  (text) => {
    expect(() => offeredProtocols(Buffer.from(text, 'latin1').subarray(0, 40))).toThrow(
      'TLS handshake',
    );
  },
);
