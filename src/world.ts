/**
 * The outside world: clock, file system, environment and console.
 *
 * This is the only file that touches those globals. Everything else takes a `World` (or only the
 * part it needs), so that it can be tested with a fake clock, a memory file system and a seed. Timers
 * come from src/timer/ in the same way; the linter keeps both to the files listed in scripts/clock.js.
 */
import * as fs from 'node:fs';
import { dirname } from 'node:path';

/** A source of time. */
export interface Clock {
  /**
   * Monotonic time in nanoseconds since an arbitrary point that all processes of this machine
   * share (CLOCK_MONOTONIC), so that stamps of the mock server and of the client can be subtracted.
   * A float64 holds it exactly for 104 days of uptime, to 2 ns beyond.
   */
  now(): number;
  /** Wall-clock time in milliseconds since the Unix epoch; for labels only, never for durations. */
  wall(): number;
}

/** The part of the file system that is used. Paths are as given by the user. */
export interface FileSystem {
  readText(path: string): string;
  writeText(path: string, text: string): void;
  appendText(path: string, text: string): void;
  exists(path: string): boolean;
  /** Names in a directory, in any order; [] where there is none. */
  list(path: string): readonly string[];
  /** Creates the directory and its parents. */
  makeDirectory(path: string): void;
  /** Replaces `to` in one step: a reader sees the old file or the new one, never half of one. */
  rename(from: string, to: string): void;
  /** Deletes a file; silent where there is none. */
  remove(path: string): void;
}

/** Where text goes. `stdout` carries results only; progress and diagnostics go to `stderr`. */
export interface Console {
  stdout(text: string): void;
  stderr(text: string): void;
  /** Whether stderr is a terminal that can redraw lines. */
  readonly interactive: boolean;
  /** Terminal width in columns; 80 where unknown. */
  readonly columns: number;
  /** Whether ANSI colours may be written to stdout (NO_COLOR, FORCE_COLOR and TTY honoured). */
  readonly color: boolean;
  /** Runs an action when the process ends, however it ends; absent in tests. */
  atExit?(action: () => void): void;
}

export interface World {
  clock: Clock;
  files: FileSystem;
  env: Readonly<Record<string, string | undefined>>;
  console: Console;
  cwd: string;
}

// performance.now() is several times cheaper than process.hrtime.bigint(); it counts from the start
// of the process, so one reading of both gives the constant that makes it machine-wide. A process
// that is interrupted between the two readings makes it too small, so the largest of several counts.
const monotonicBaseNs = Math.max(
  ...Array.from({ length: 8 }, () => Number(process.hrtime.bigint()) - performance.now() * 1e6),
);

/** Nanoseconds on the machine-wide monotonic clock; see {@link Clock.now}. The hot path's clock. */
export function monotonicNow(): number {
  return performance.now() * 1e6 + monotonicBaseNs;
}

export const realClock: Clock = { now: monotonicNow, wall: () => Date.now() };

/** As `mkdirSync` with `recursive`, which in Node 20 never returns under /proc and its like. */
function makeDirectory(path: string): void {
  if (fs.existsSync(path) && fs.statSync(path).isDirectory()) return;
  const parent = dirname(path);
  if (parent !== path && !fs.existsSync(parent)) makeDirectory(parent);
  try {
    fs.mkdirSync(path);
  } catch (error) {
    // Another process may have made it meanwhile.
    if (!fs.existsSync(path) || !fs.statSync(path).isDirectory()) throw error;
  }
}

const realFiles: FileSystem = {
  readText: (path) => fs.readFileSync(path, 'utf8'),
  writeText: (path, text) => fs.writeFileSync(path, text),
  appendText: (path, text) => fs.appendFileSync(path, text),
  exists: (path) => fs.existsSync(path),
  list: (path) => {
    try {
      return fs.readdirSync(path);
    } catch {
      return [];
    }
  },
  makeDirectory,
  rename: (from, to) => fs.renameSync(from, to),
  remove: (path) => fs.rmSync(path, { force: true }),
};

function colorAllowed(): boolean {
  if (process.env['NO_COLOR']) return false;
  if (process.env['FORCE_COLOR'] && process.env['FORCE_COLOR'] !== '0') return true;
  return ((process.stdout.isTTY as boolean | undefined) ?? false) && process.env['TERM'] !== 'dumb';
}

/** The world as it is. */
export function realWorld(): World {
  return {
    clock: realClock,
    files: realFiles,
    env: process.env,
    cwd: process.cwd(),
    console: {
      stdout: (text) => void process.stdout.write(text),
      stderr: (text) => void process.stderr.write(text),
      interactive:
        ((process.stderr.isTTY as boolean | undefined) ?? false) && process.env['TERM'] !== 'dumb',
      // Asked each time: the window may be resized during a run.
      get columns() {
        return process.stderr.columns ?? process.stdout.columns ?? 80;
      },
      color: colorAllowed(),
      atExit: (action) => void process.once('exit', action),
    },
  };
}
