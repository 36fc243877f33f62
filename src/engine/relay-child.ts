/**
 * The relay in a process of its own, so that moving bytes does not disturb the loop that measures.
 * This file is both the parent's side and the child's entry.
 */
import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { StreamgaugeError, codeOf } from '../errors.ts';
import { eventKindReader } from '../dialect/event-kind.ts';
import { startKernelBridge } from '../fault/network/kernel/bridge.ts';
import type { KernelNetwork } from '../fault/network/kernel/settings.ts';
import { startFaultProxy } from '../fault/relay/fault-proxy.ts';
import type { FaultSpec } from '../fault/registry.ts';
import type { Relay } from '../fault/relay/relay.ts';
import type { TlsTermination } from '../fault/relay/tls-ends.ts';
import type { TrialResult } from '../result/schema.ts';
import { realWorld } from '../world.ts';

export interface RelayRequest {
  target: { host: string; port: number };
  faults: readonly FaultSpec[];
  /** Before the faults, the kernel's own network. */
  kernel?: KernelNetwork;
  seed: string;
  /** Name of what is spoken, so that a fault can look inside; undefined: any dialect. */
  dialect?: string;
  /** TLS ends at the relay. */
  tls?: TlsTermination;
  /** What files that faults name are relative to; default: the working directory. */
  baseDirectory?: string;
}

export interface RelayProcess extends Relay {
  /** What a TCP handshake costs on the simulated path, ms. */
  readonly roundTripMs: number;
  /** What network and faults did so far. */
  effects(): Promise<Effects>;
}

type Effects = TrialResult['faults'];

type Reply = {
  port?: number;
  roundTripMs?: number;
  effects?: Effects;
  error?: string;
  code?: string;
  hints?: readonly string[];
};

const thisFile = fileURLToPath(import.meta.url);

async function startHere(request: RelayRequest): Promise<RelayProcess> {
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

async function startFaults(request: RelayRequest): Promise<RelayProcess> {
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

/**
 * Starts a relay in a child process. From TypeScript sources, which Node 20 cannot run in a child,
 * it runs in this process instead.
 *
 * @throws StreamgaugeError where it cannot listen or a fault names a file that cannot be used.
 */
export async function startRelayProcess(request: RelayRequest): Promise<RelayProcess> {
  if (thisFile.endsWith('.ts')) return startHere(request);
  const child = fork(thisFile, ['relay'], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  const reply = (): Promise<Reply> =>
    new Promise((resolve, reject) => {
      const gone = (): void =>
        reject(new StreamgaugeError('the network relay has ended', { code: 'relay-failed' }));
      child.once('exit', gone);
      child.once('message', (message: Reply) => {
        child.off('exit', gone);
        resolve(message);
      });
    });
  const started = reply();
  child.send(request);
  const { port, roundTripMs = 0, error, code, hints = [] } = await started;
  if (port === undefined) {
    child.disconnect();
    throw new StreamgaugeError(error ?? 'unknown reason', {
      code: code ?? 'relay-failed',
      exit: 'usage',
      hints: [...hints],
    });
  }
  // One question at a time, so that answers belong to their questions.
  let last: Promise<unknown> = Promise.resolve();
  return {
    port,
    roundTripMs,
    effects() {
      const asked = last.then(async () => {
        const answer = reply();
        child.send('effects');
        return (await answer).effects!;
      });
      last = asked.catch(() => undefined);
      return asked;
    },
    close: () =>
      new Promise((resolve) => {
        if (child.exitCode !== null || child.signalCode !== null) {
          resolve();
          return;
        }
        child.once('exit', () => resolve());
        child.disconnect();
      }),
  };
}

if (process.argv[1] === thisFile && process.argv[2] === 'relay' && process.send) {
  const send = (reply: Reply): void => void process.send?.(reply);
  process.once('message', (request: RelayRequest) => {
    startHere(request).then(
      (relay) => {
        send({ port: relay.port, roundTripMs: relay.roundTripMs });
        process.on('message', () => void relay.effects().then((effects) => send({ effects })));
      },
      (error: Error) =>
        send({
          error: error.message,
          code: codeOf(error),
          hints: error instanceof StreamgaugeError ? error.hints : [],
        }),
    );
  });
  // The parent has gone, or wants us gone.
  process.once('disconnect', () => process.exit(0));
  // A Ctrl-C in the terminal reaches the whole group; the parent decides when to stop.
  process.on('SIGINT', () => {});
}
