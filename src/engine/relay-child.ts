/**
 * The relay in a process of its own, so that moving bytes does not disturb the loop that measures.
 * This file is both the parent's side and the child's entry.
 */
import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { StreamgaugeError } from '../errors.ts';
import { delayFault } from '../fault/delay.ts';
import { startRelay, type Relay } from '../fault/relay.ts';

export interface RelayRequest {
  target: { host: string; port: number };
  rttMs: number;
  seed: string;
}

const thisFile = fileURLToPath(import.meta.url);

function startHere(request: RelayRequest): Promise<Relay> {
  return startRelay({
    target: request.target,
    faults: [delayFault(request.rttMs / 2)],
    handshakeMs: request.rttMs,
    seed: request.seed,
  });
}

/**
 * Starts a relay in a child process. From TypeScript sources, which Node 20 cannot run in a child,
 * it runs in this process instead.
 */
export async function startRelayProcess(request: RelayRequest): Promise<Relay> {
  if (thisFile.endsWith('.ts')) return startHere(request);
  const child = fork(thisFile, ['relay'], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  const port = await new Promise<number>((resolve, reject) => {
    child.once('message', (message: { port?: number; error?: string }) => {
      if (message.port !== undefined) resolve(message.port);
      else {
        const text = message.error ?? 'unknown reason';
        reject(new StreamgaugeError(text, { code: 'relay-failed' }));
      }
    });
    child.once('exit', () =>
      reject(
        new StreamgaugeError('the network relay ended at its start', { code: 'relay-failed' }),
      ),
    );
    child.send(request);
  });
  return {
    port,
    close: () =>
      new Promise((resolve) => {
        child.once('exit', () => resolve());
        child.disconnect();
      }),
  };
}

if (process.argv[1] === thisFile && process.argv[2] === 'relay' && process.send) {
  process.once('message', (request: RelayRequest) => {
    startHere(request).then(
      (relay) => process.send!({ port: relay.port }),
      (error: Error) => process.send!({ error: error.message }),
    );
  });
  // The parent has gone, or wants us gone.
  process.once('disconnect', () => process.exit(0));
  // A Ctrl-C in the terminal reaches the whole group; the parent decides when to stop.
  process.on('SIGINT', () => {});
}
