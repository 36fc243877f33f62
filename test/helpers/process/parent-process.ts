/**
 * A separate program that uses the build (`dist/`), as a user's would: Node 20 runs no TypeScript in
 * child processes, so what tests say of children is said of those of such a program.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import path from 'node:path';
import { onTestFinished } from 'vitest';

const root = path.resolve(import.meta.dirname, '../../..');

export interface ParentProcess {
  readonly process: ChildProcess;
  readonly pid: number;
  /** The next line that it printed, read as JSON. */
  next(): Promise<unknown>;
  /** How it ended. */
  readonly exited: Promise<{ code: number | null; signal: string | null }>;
  /** What it wrote to stderr so far, its children's included. */
  stderr(): string;
}

export interface ParentOptions {
  /** Flags of its Node. */
  flags?: readonly string[];
  env?: Record<string, string>;
  /** Values at hand in the body, by name. */
  values?: Record<string, unknown>;
}

/**
 * Runs `body`, in which `load(file)` imports from the build and `say(value)` prints a line. It is killed
 * with the test at the latest.
 */
export function parentProcess(body: string, options: ParentOptions = {}): ParentProcess {
  const { flags = [], env = {}, values = {} } = options;
  const script = [
    `const load = (file) => import(${JSON.stringify(`${root}/dist/`)} + file);`,
    `const say = (value) => console.log(JSON.stringify(value));`,
    ...Object.entries(values).map(([name, value]) => `const ${name} = ${JSON.stringify(value)};`),
    body,
  ].join('\n');
  const child = spawn(process.execPath, [...flags, '--input-type=module', '--eval', script], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...env },
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const lines: string[] = [];
  const waiting: { resolve: (value: unknown) => void; reject: (error: Error) => void }[] = [];
  let rest = '';
  let ended = false;
  const hand = (): void => {
    while (lines.length > 0 && waiting.length > 0) {
      waiting.shift()!.resolve(JSON.parse(lines.shift()!));
    }
    if (!ended) return;
    for (const { reject } of waiting.splice(0)) reject(new Error(`the program ended: ${stderr}`));
  };
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    const parts = (rest + text).split('\n');
    rest = parts.pop()!;
    lines.push(...parts);
    hand();
  });
  child.stdout.once('close', () => {
    ended = true;
    hand();
  });
  return {
    process: child,
    pid: child.pid!,
    next: () =>
      new Promise((resolve, reject) => {
        waiting.push({ resolve, reject });
        hand();
      }),
    exited: new Promise((resolve) =>
      child.once('exit', (code, signal) => resolve({ code, signal })),
    ),
    stderr: () => stderr,
  };
}
