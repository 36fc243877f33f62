/**
 * The mock in a process of its own, so that what it costs is not the client's. This file is both the
 * parent's side and the child's entry.
 */
import { fork, type ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { TranscriptDigest } from '../src/transcript.ts';
import { messageOf, StreamgaugeError } from '../src/errors.ts';
import {
  startMock,
  type MockOptions,
  type MockStats,
  type StreamStop,
  type StreamTruth,
} from './index.ts';

/** A mock in another process: as `MockServer`, with questions answered a little later. */
export interface MockProcess {
  readonly baseUrl: string;
  readonly secureBaseUrl: string | undefined;
  readonly certificate: string | undefined;
  readonly port: number;
  stats(): Promise<MockStats>;
  transcripts(): Promise<ReadonlyMap<string, TranscriptDigest>>;
  log(): Promise<readonly StreamTruth[]>;
  stops(): Promise<readonly StreamStop[]>;
  close(): Promise<void>;
}

type Started = Pick<MockProcess, 'baseUrl' | 'secureBaseUrl' | 'certificate' | 'port'>;
type Question = 'stats' | 'log' | 'stops' | 'transcripts';
type Answer =
  | { kind: 'started'; started: Started }
  | { kind: 'failed'; code: string; message: string; hints: readonly string[] }
  | { kind: 'answer'; to: number; value: unknown };

const thisFile = fileURLToPath(import.meta.url);

/**
 * Starts a mock server in a child process, which ends when its parent goes. From TypeScript sources,
 * which Node 20 cannot run in a child, it runs in this process instead.
 *
 * @param baseDirectory - what relative paths in the options are relative to.
 * @throws StreamgaugeError as `startMock`.
 */
export async function startMockProcess(
  options: MockOptions = {},
  baseDirectory = process.cwd(),
): Promise<MockProcess> {
  if (thisFile.endsWith('.ts')) return startHere(options, baseDirectory);
  const child = fork(thisFile, ['mock'], {
    cwd: baseDirectory,
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    // Flags such as --inspect are meant for the parent alone.
    execArgv: [],
  });
  const questions = new Map<
    number,
    { resolve: (value: unknown) => void; reject: (e: Error) => void }
  >();
  let asked = 0;
  let gone = false;
  const ended = (): StreamgaugeError =>
    new StreamgaugeError('the mock server ended unexpectedly', { code: 'mock-ended' });

  const started = await new Promise<Started>((resolve, reject) => {
    child.on('message', (answer: Answer) => {
      if (answer.kind === 'started') resolve(answer.started);
      else if (answer.kind === 'failed') {
        const { code, message, hints } = answer;
        reject(new StreamgaugeError(message, { code, exit: 'usage', hints: [...hints] }));
      } else {
        questions.get(answer.to)?.resolve(answer.value);
        questions.delete(answer.to);
      }
    });
    child.once('exit', () => {
      gone = true;
      reject(ended());
      for (const { reject: fail } of questions.values()) fail(ended());
    });
    child.send({ kind: 'start', options });
  });

  const ask = <T>(question: Question): Promise<T> =>
    new Promise((resolve, reject) => {
      if (gone) {
        reject(ended());
        return;
      }
      const number = asked++;
      questions.set(number, { resolve: resolve as (value: unknown) => void, reject });
      child.send({ kind: 'question', number, question });
    });

  return {
    ...started,
    stats: () => ask<MockStats>('stats'),
    // A map does not survive the way as JSON.
    transcripts: async () => new Map(await ask<[string, TranscriptDigest][]>('transcripts')),
    log: () => ask<readonly StreamTruth[]>('log'),
    stops: () => ask<readonly StreamStop[]>('stops'),
    close: () => end(child, gone),
  };
}

async function startHere(options: MockOptions, baseDirectory: string): Promise<MockProcess> {
  const readText = (file: string): string => readFileSync(file, 'utf8');
  const mock = await startMock(options, { readText, baseDirectory });
  return {
    baseUrl: mock.baseUrl,
    secureBaseUrl: mock.secureBaseUrl,
    certificate: mock.certificate,
    port: mock.port,
    stats: () => Promise.resolve(mock.stats()),
    transcripts: () => Promise.resolve(mock.transcripts()),
    log: () => Promise.resolve(mock.log()),
    stops: () => Promise.resolve(mock.stops()),
    close: () => mock.close(),
  };
}

function end(child: ChildProcess, gone: boolean): Promise<void> {
  if (gone || child.exitCode !== null) return Promise.resolve();
  return new Promise((resolve) => {
    child.once('exit', () => resolve());
    if (child.connected) child.disconnect();
  });
}

// ── the child ───────────────────────────────────────────────────────────────────────────────────

type Request =
  | { kind: 'start'; options: MockOptions }
  | { kind: 'question'; number: number; question: Question };

function serve(): void {
  const send = (answer: Answer): void => void process.send!(answer);
  let mock: Awaited<ReturnType<typeof startMock>> | undefined;
  process.on('message', (request: Request) => {
    if (request.kind === 'question') {
      const value = mock?.[request.question]();
      send({
        kind: 'answer',
        to: request.number,
        value: value instanceof Map ? [...value] : value,
      });
      return;
    }
    startMock(request.options).then(
      (running) => {
        mock = running;
        const { baseUrl, secureBaseUrl, certificate, port } = running;
        send({ kind: 'started', started: { baseUrl, secureBaseUrl, certificate, port } });
      },
      (error: unknown) => {
        const known = error instanceof StreamgaugeError;
        send({
          kind: 'failed',
          code: known ? error.code : 'mock-failed',
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

if (process.argv[1] === thisFile && process.argv[2] === 'mock' && process.send) serve();
