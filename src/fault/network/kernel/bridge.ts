/**
 * The kernel's network between client and target: two network namespaces with a pair of
 * virtual devices between them, and real TCP across. Every connection of a client is bridged onto one
 * that goes from the one namespace to the other, through what nftables and tc do there to its packets,
 * and from there on to the target:
 *
 *     client ── loopback ── [namespace A ══ packets lost ══ namespace B] ── loopback ── target
 *
 * The bytes are moved by this process, which is in neither; it holds sockets of both.
 */
import * as net from 'node:net';
import { StreamgaugeError } from '../../../errors.ts';
import { runCommand } from '../../../process/run-command.ts';
import { RealScheduler } from '../../../timer/real-scheduler.ts';
import { newCounters, RelayedConnection } from '../../relay/relayed-connection.ts';
import { NamespaceAgent } from './agent.ts';
import {
  addresses,
  deviceName,
  kernelEffects,
  nftCounters,
  nftRules,
  tcCommands,
  tcCounter,
  type KernelNetwork,
} from './settings.ts';

/** One thing that the network does, and how often it did it. */
export interface KernelEffect {
  fault: string;
  fired: number;
}

export interface KernelBridge {
  /** On 127.0.0.1. */
  readonly port: number;
  /** What the kernel counted so far. */
  effects(): Promise<KernelEffect[]>;
  close(): Promise<void>;
}

const windowBytes = 4 * 1024 ** 2;

/** @throws StreamgaugeError where the namespaces cannot be set up; nothing of them then stays. */
export async function startKernelBridge(
  network: KernelNetwork,
  target: { host: string; port: number },
): Promise<KernelBridge> {
  const [near, far] = await startBoth();
  const scheduler = new RealScheduler();
  const counters = newCounters();
  const connections = new Set<RelayedConnection>();

  function join(client: net.Socket, upstream: net.Socket): void {
    const connection = new RelayedConnection(
      {
        client,
        target: upstream,
        scheduler,
        counters,
        seed: '',
        // The handshake is a real one here.
        handshakeMs: 0,
        windowBytes,
        onGone: () => connections.delete(connection),
      },
      [],
    );
    connections.add(connection);
  }

  try {
    connectNamespaces(near, far);
    await configure(near, addresses.client, network, network.upBps);
    await configure(far, addresses.target, network, network.downBps);
    const { server: exit, port: exitPort } = await far.listen(addresses.target);
    // A socket handed over keeps none of the options that its server was made with.
    Object.assign(exit, { allowHalfOpen: true, noDelay: true });
    exit.on('connection', (socket) => {
      join(socket, net.connect({ ...target, noDelay: true, allowHalfOpen: true }));
    });

    const entrance = net.createServer(
      { allowHalfOpen: true, noDelay: true, pauseOnConnect: true },
      (client) => {
        const dropped = (): void => void client.destroy();
        client.once('error', dropped);
        near.connect(addresses.target, exitPort).then(
          (socket) => {
            client.off('error', dropped);
            if (client.destroyed) socket.resetAndDestroy();
            else {
              join(client, socket);
              client.resume();
            }
          },
          () => client.resetAndDestroy(),
        );
      },
    );
    await new Promise<void>((resolve, reject) => {
      entrance.once('error', reject);
      entrance.listen(0, '127.0.0.1', resolve);
    });

    return {
      port: (entrance.address() as net.AddressInfo).port,
      effects: () => readEffects(network, near, far),
      async close() {
        const closed = new Promise((resolve) => entrance.close(resolve));
        for (const connection of connections) connection.destroy();
        exit.close();
        scheduler.close();
        await Promise.all([closed, near.close(), far.close()]);
      },
    };
  } catch (error) {
    scheduler.close();
    await Promise.all([near.close(), far.close()]);
    throw error;
  }
}

async function startBoth(): Promise<[NamespaceAgent, NamespaceAgent]> {
  const [near, far] = await Promise.allSettled([NamespaceAgent.start(), NamespaceAgent.start()]);
  if (near.status === 'fulfilled' && far.status === 'fulfilled') return [near.value, far.value];
  for (const one of [near, far]) if (one.status === 'fulfilled') await one.value.close();
  throw near.status === 'rejected' ? near.reason : (far as PromiseRejectedResult).reason;
}

/** A pair of devices, one end in each; both are made where they belong and never seen elsewhere. */
function connectNamespaces(near: NamespaceAgent, far: NamespaceAgent): void {
  const words = `link add ${deviceName} netns ${near.pid} type veth peer name ${deviceName} netns ${far.pid}`;
  const { ok, stderr, error } = runCommand('ip', words.split(' '));
  if (ok) return;
  throw new StreamgaugeError(`ip ${words}: ${stderr.trim() || error?.message || 'it failed'}`, {
    code: 'kernel-network-failed',
    exit: 'usage',
  });
}

async function configure(
  agent: NamespaceAgent,
  address: string,
  network: KernelNetwork,
  bps: number | undefined,
): Promise<void> {
  await agent.run(['ip', 'address', 'add', `${address}/24`, 'dev', deviceName]);
  // One packet for each segment: otherwise 64 KiB would be lost at once, as no wire loses them.
  await agent.run(['ip', 'link', 'set', deviceName, 'gso_max_segs', '1']);
  await agent.run(['ip', 'link', 'set', deviceName, 'up']);
  // Every connection estimates its path by itself, as between clients that do not know each other.
  await agent.set('/proc/sys/net/ipv4/tcp_no_metrics_save', '1');
  await agent.run(['nft', '-f', '-'], nftRules(network.loss ?? 0));
  for (const words of tcCommands(network, bps)) await agent.run(['tc', ...words]);
}

async function readEffects(
  network: KernelNetwork,
  near: NamespaceAgent,
  far: NamespaceAgent,
): Promise<KernelEffect[]> {
  const agents = [near, far];
  const sum = (numbers: readonly number[]): number => numbers.reduce((one, two) => one + two, 0);
  const nft = await Promise.all(
    agents.map(async (agent) => nftCounters(await agent.run(['nft', '-j', 'list', 'counters']))),
  );
  const tc = await Promise.all(
    agents.map((agent) => agent.run(['tc', '-s', 'qdisc', 'show', 'dev', deviceName])),
  );
  return kernelEffects(network).map(({ text, counter }) => ({
    fault: `kernel ${text}`,
    fired:
      counter === 'netem' || counter === 'tbf'
        ? sum(tc.map((output) => tcCounter(output, counter)))
        : sum(nft.map((counters) => counters[counter] ?? 0)),
  }));
}
