/** What the relay's child process serves; relay-process.ts is its parent's side. */
import { eventKindReader } from '../dialect/event-kind-readers.ts';
import { startKernelBridge } from '../fault/network/kernel/bridge.ts';
import type { KernelNetwork } from '../fault/network/kernel/settings.ts';
import { startFaultProxy } from '../fault/relay/fault-proxy.ts';
import type { FaultSpec } from '../fault/registry.ts';
import type { Relay } from '../fault/relay/relay.ts';
import type { TlsTermination } from '../fault/relay/tls-ends.ts';
import { defineService } from '../process/service.ts';
import type { TrialResult } from '../result/schema.ts';
import { realWorld } from '../world.ts';

export interface RelayRequest {
  target: { host: string; port: number };
  faults: readonly FaultSpec[];
  /** Before the faults, the kernel's network. */
  kernel?: KernelNetwork;
  seed: string;
  /** Name of what is spoken, so that a fault can look inside; undefined: any dialect. */
  dialect?: string;
  /** TLS ends at the relay. */
  tls?: TlsTermination;
  /** What files that faults name are relative to; default: the working directory. */
  baseDirectory?: string;
}

export type Effects = TrialResult['faults'];

interface RunningRelay extends Relay {
  /** What a TCP handshake costs on the simulated path, ms. */
  readonly roundTripMs: number;
  effects(): Promise<Effects>;
}

export const service = defineService({
  name: 'the network relay',
  code: 'relay',
  module: import.meta.url,
  async start(request: RelayRequest) {
    const relay = await startRelay(request);
    return {
      started: { port: relay.port, roundTripMs: relay.roundTripMs },
      calls: { effects: () => relay.effects() },
      close: () => relay.close(),
    };
  },
});

async function startRelay(request: RelayRequest): Promise<RunningRelay> {
  const { kernel, faults } = request;
  if (!kernel) return startFaults(request);
  // Nearest to the client comes the network, so the faults are what it leads to.
  const behind = faults.length > 0 ? await startFaults(request) : undefined;
  try {
    const target = behind ? { host: '127.0.0.1', port: behind.port } : request.target;
    const bridge = await startKernelBridge(kernel, target);
    return {
      port: bridge.port,
      roundTripMs: kernel.rttMs + (behind?.roundTripMs ?? 0),
      effects: async () => [...(await bridge.effects()), ...((await behind?.effects()) ?? [])],
      close: async () => {
        await bridge.close();
        await behind?.close();
      },
    };
  } catch (error) {
    await behind?.close();
    throw error;
  }
}

async function startFaults(request: RelayRequest): Promise<RunningRelay> {
  const { files, cwd } = realWorld();
  const proxy = await startFaultProxy({
    target: request.target,
    faults: request.faults,
    seed: request.seed,
    ...(request.tls && { tls: request.tls }),
    environment: {
      readText: (file) => files.readText(file),
      baseDirectory: request.baseDirectory ?? cwd,
      eventKind: eventKindReader(request.dialect),
    },
  });
  return {
    port: proxy.port,
    roundTripMs: proxy.roundTripMs,
    effects: () =>
      Promise.resolve(
        proxy.status().faults.map(({ description, fired, traffic }) => ({
          fault: description,
          fired,
          ...(traffic && {
            traffic: {
              packets: traffic.packets,
              bytes: traffic.bytes,
              stream_bytes: traffic.streamBytes,
            },
          }),
        })),
      ),
    close: () => proxy.close(),
  };
}
