/**
 * The relay in a process of its own, so that moving bytes does not disturb the loop that measures.
 * This file is both the parent's side and the child's entry.
 */
import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { StreamgaugeError, codeOf } from '../errors.ts';
import type { FaultProxyStatus } from '../fault/proxy.ts';
import { startFaultProxy } from '../fault/proxy.ts';
import type { FaultSpec } from '../fault/registry.ts';
import type { Relay } from '../fault/relay.ts';
import { realWorld } from '../world.ts';

export interface RelayRequest {
  target: { host: string; port: number };
  faults: readonly FaultSpec[];
  seed: string;
  /** What files that faults name are relative to; default: the working directory. */
  baseDirectory?: string;
}

export interface RelayProcess extends Relay {
  /** What a TCP handshake costs on the simulated path, ms. */
  readonly roundTripMs: number;
  /** What the relay did so far. */
  status(): Promise<FaultProxyStatus>;
}

type Reply = {
  port?: number;
  roundTripMs?: number;
  status?: FaultProxyStatus;
  error?: string;
  code?: string;
};

const thisFile = fileURLToPath(import.meta.url);

async function startHere(request: RelayRequest): Promise<RelayProcess> {
  const { files, cwd } = realWorld();
  const proxy = await startFaultProxy({
    target: request.target,
    faults: request.faults,
    seed: request.seed,
    environment: {
      readText: (file) => files.readText(file),
      baseDirectory: request.baseDirectory ?? cwd,
    },
  });
  return {
    port: proxy.port,
    roundTripMs: proxy.roundTripMs,
    status: () => Promise.resolve(proxy.status()),
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
  const { port, roundTripMs = 0, error, code } = await started;
  if (port === undefined) {
    child.disconnect();
    throw new StreamgaugeError(error ?? 'unknown reason', {
      code: code ?? 'relay-failed',
      exit: 'usage',
    });
  }
  // One question at a time, so that answers belong to their questions.
  let last: Promise<unknown> = Promise.resolve();
  return {
    port,
    roundTripMs,
    status() {
      const asked = last.then(async () => {
        const answer = reply();
        child.send('status');
        return (await answer).status!;
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
        process.on('message', () => void relay.status().then((status) => send({ status })));
      },
      (error: Error) => send({ error: error.message, code: codeOf(error) }),
    );
  });
  // The parent has gone, or wants us gone.
  process.once('disconnect', () => process.exit(0));
  // A Ctrl-C in the terminal reaches the whole group; the parent decides when to stop.
  process.on('SIGINT', () => {});
}
