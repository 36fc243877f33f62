/**
 * A simulated proxy in a process of its own, so that what it costs is not the client's. This file is
 * both the parent's side and the child's entry.
 */
import { fork, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { StreamgaugeError, messageOf } from '../errors.ts';
import { startBufferingProxy, type BufferingProxyOptions, type ProxyStats } from './server.ts';

/** A proxy in another process: as `BufferingProxy`, with its statistics a little later. */
export interface BufferingProxyProcess {
  readonly port: number;
  stats(): Promise<ProxyStats>;
  close(): Promise<void>;
}

type Request = { kind: 'start'; options: BufferingProxyOptions } | { kind: 'stats' };
type Answer =
  | { kind: 'started'; port: number }
  | { kind: 'failed'; code: string; message: string; hints: readonly string[] }
  | { kind: 'stats'; stats: ProxyStats };

const thisFile = fileURLToPath(import.meta.url);

/**
 * Starts a simulated proxy in a child process, which ends when its parent goes. From TypeScript
 * sources, which Node 20 cannot run in a child, it runs in this process instead.
 *
 * @throws StreamgaugeError as `startBufferingProxy`.
 */
export async function startBufferingProxyProcess(
  options: BufferingProxyOptions,
): Promise<BufferingProxyProcess> {
  if (thisFile.endsWith('.ts')) {
    const proxy = await startBufferingProxy(options);
    return { ...proxy, stats: () => Promise.resolve(proxy.stats()) };
  }
  const child = fork(thisFile, ['proxy'], {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    // Flags such as --inspect are meant for the parent alone.
    execArgv: [],
  });
  const ended = (): StreamgaugeError =>
    new StreamgaugeError('the simulated proxy ended unexpectedly', { code: 'proxy-ended' });
  let gone = false;
  /** Answered in the order they were asked. */
  const questions: { resolve: (stats: ProxyStats) => void; reject: (error: Error) => void }[] = [];

  const port = await new Promise<number>((resolve, reject) => {
    child.on('message', (answer: Answer) => {
      if (answer.kind === 'stats') questions.shift()?.resolve(answer.stats);
      else if (answer.kind === 'started') resolve(answer.port);
      else {
        const { code, message, hints } = answer;
        reject(new StreamgaugeError(message, { code, exit: 'usage', hints: [...hints] }));
        child.disconnect();
      }
    });
    child.once('exit', () => {
      gone = true;
      reject(ended());
      for (const question of questions.splice(0)) question.reject(ended());
    });
    child.send({ kind: 'start', options } satisfies Request);
  });

  return {
    port,
    stats: () =>
      new Promise((resolve, reject) => {
        if (gone) {
          reject(ended());
          return;
        }
        questions.push({ resolve, reject });
        child.send({ kind: 'stats' } satisfies Request);
      }),
    close: () => end(child, gone),
  };
}

function end(child: ChildProcess, gone: boolean): Promise<void> {
  if (gone) return Promise.resolve();
  return new Promise((resolve) => {
    child.once('exit', () => resolve());
    if (child.connected) child.disconnect();
  });
}

// ── the child ───────────────────────────────────────────────────────────────────────────────────

function serve(): void {
  const send = (answer: Answer): void => void process.send!(answer);
  let proxy: Awaited<ReturnType<typeof startBufferingProxy>> | undefined;
  process.on('message', (request: Request) => {
    if (request.kind === 'stats') {
      if (proxy) send({ kind: 'stats', stats: proxy.stats() });
      return;
    }
    startBufferingProxy(request.options).then(
      (running) => {
        proxy = running;
        send({ kind: 'started', port: running.port });
      },
      (error: unknown) => {
        const known = error instanceof StreamgaugeError;
        send({
          kind: 'failed',
          code: known ? error.code : 'proxy-failed',
          message: messageOf(error),
          hints: known ? error.hints : [],
        });
      },
    );
  });
  // The parent has gone, or wants us gone.
  process.once('disconnect', () => process.exit(0));
  // A Ctrl-C in the terminal reaches the whole group; the parent decides when to stop.
  process.on('SIGINT', () => {});
}

if (process.argv[1] === thisFile && process.argv[2] === 'proxy' && process.send) serve();
