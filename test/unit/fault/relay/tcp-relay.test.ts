/** The loss fault on real sockets: through the relay, in both directions. */
import * as net from 'node:net';
import { once } from 'node:events';
import { afterEach, describe, expect, it } from 'vitest';

import { lossFault } from '../../../../src/fault/kinds/loss/loss.ts';
import { startRelay, type RunningRelay } from '../../../../src/fault/relay/relay.ts';

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function echoBehindLoss(p: number): Promise<{
  relay: RunningRelay;
  fault: ReturnType<typeof lossFault>;
  client: net.Socket;
  atTarget: net.Socket[];
}> {
  const atTarget: net.Socket[] = [];
  const server = net.createServer({ allowHalfOpen: true }, (socket) => {
    atTarget.push(socket);
    socket.on('error', () => {});
    socket.pipe(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  cleanups.push(() => server.close());
  const fault = lossFault({ rttMs: 4, process: { kind: 'bernoulli', p } });
  const { port } = server.address() as net.AddressInfo;
  const relay = await startRelay({
    target: { host: '127.0.0.1', port },
    faults: [fault],
    seed: 'real sockets',
  });
  cleanups.push(() => relay.close());
  const client = net.connect({ host: '127.0.0.1', port: relay.port, allowHalfOpen: true });
  client.on('error', () => {});
  cleanups.push(() => client.destroy());
  await once(client, 'connect');
  return { relay, fault, client, atTarget };
}

describe('the loss fault on real sockets', () => {
  it('brings every byte there and back, and then the end', async () => {
    const { fault, client } = await echoBehindLoss(0.1);
    const sent: Buffer[] = [];
    const received: Buffer[] = [];
    client.on('data', (data: Buffer) => received.push(data));
    for (let i = 0; i < 60; i++) {
      const chunk = Buffer.alloc(1 + ((i * 997) % 4000), i);
      sent.push(chunk);
      client.write(chunk);
      if (i % 10 === 9) await new Promise((resolve) => setTimeout(resolve, 5));
    }
    client.end();
    await once(client, 'end');
    expect(Buffer.concat(received).equals(Buffer.concat(sent))).toBe(true);
    expect(fault.fired).toBeGreaterThan(0);
    expect(fault.counters().segments).toBeGreaterThan(60);
  });

  it('closes what belonged to a client that leaves in the middle', async () => {
    const { relay, client, atTarget } = await echoBehindLoss(0.3);
    for (let i = 0; i < 50; i++) client.write(Buffer.alloc(2000));
    await once(client, 'data');
    // Not by `once`, which rejects on the reset that is due here.
    const gone = new Promise((resolve) => atTarget[0]!.once('close', resolve));
    client.resetAndDestroy();
    await gone;
    await expect.poll(() => relay.stats().connections.open).toBe(0);
  });
});
