// @ts-check
/**
 * Stands between this project and an installed program: starts it, and ends it when it is told to or
 * when the parent is gone, whatever killed the parent. Neither root nor a compiler is needed:
 *
 *     parent ══ pipe ══ sh ── guard ── program ── what the program starts
 *                       └───────── one session, one group of processes ─────────┘
 *
 * The kernel closes the pipe with the parent. The shell leads the group and does nothing but wait for
 * the guard, after which it kills the group it is in, and so what the program has left behind. So each of
 * the three may be killed alone: the shell ends the group after the guard, and the guard notices the
 * parent's end and (through the parent) of the shell's. Nothing is ever killed by a number that another
 * process could have meanwhile: the program is ended by its handle, the group as the one we are in.
 *
 * What the program writes belongs into a temporary folder, which the guard makes and removes.
 *
 * Questions: `$start { prefix }` gives `{ directory }`; `run { program, args, env }`; `$close`. The parent
 * is asked `ended { exitCode, signal }` when the program ends by itself.
 */
import { spawn } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { closeQuestion, startQuestion } from './channel.js';
import { processLimits } from './limits.js';
import { channelToParent, leaveSignalsToParent } from './serve.js';

/** @type {string | undefined} */
let directory;
/** @type {import('node:child_process').ChildProcess | undefined} */
let program;
/** Resolves once the program is gone. */
let programGone = Promise.resolve();
/** @type {Promise<void> | undefined} */
let ending;

/** @type {Record<string, (input: any) => unknown>} */
const answers = {
  [startQuestion]({ prefix }) {
    directory = mkdtempSync(join(tmpdir(), prefix));
    // Apache started by root serves as another user, who must get in.
    chmodSync(directory, 0o755);
    return { directory };
  },
  async run({ program: file, args, env }) {
    const child = spawn(file, args, {
      cwd: directory,
      env,
      stdio: ['ignore', 'inherit', 'inherit'],
    });
    await new Promise((resolve, reject) => {
      child.once('spawn', resolve);
      child.once('error', reject);
    });
    program = child;
    programGone = new Promise((resolve) => {
      child.once('exit', (exitCode, signal) => {
        resolve();
        if (!ending) void endedByItself({ exitCode, signal });
      });
    });
  },
  [closeQuestion]: () => end(),
};

const channel = channelToParent((question, input) => answers[question]?.(input));
leaveSignalsToParent();
process.once('disconnect', () => void end());

/** @param {{ exitCode: number | null, signal: string | null }} how */
async function endedByItself(how) {
  await channel.ask('ended', how, { withinMs: processLimits.killMs }).catch(() => undefined);
  await end();
}

function end() {
  ending ??= finish();
  return ending;
}

async function finish() {
  program?.kill('SIGTERM');
  const timer = setTimeout(() => program?.kill('SIGKILL'), processLimits.programStopMs);
  await programGone;
  clearTimeout(timer);
  try {
    if (directory !== undefined) {
      // What the program started may still write there for a moment.
      rmSync(directory, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 });
    }
  } finally {
    // All of this group, the shell and this process with it.
    process.kill(0, 'SIGKILL');
  }
}
