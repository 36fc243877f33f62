/** Short commands that are waited for. */
import { spawnSync } from 'node:child_process';
import { environmentForPrograms } from './environment.ts';
import { processLimits } from './limits.js';

export interface CommandResult {
  /** Whether it ran and ended with status 0. */
  ok: boolean;
  stdout: string;
  stderr: string;
  /** Why it did not run to its end: not found, killed at the deadline. */
  error: Error | undefined;
}

/**
 * Runs a command to its end while everything else waits.
 *
 * @param input - what it reads.
 * @param withinMs - after which it is killed.
 */
export function runCommand(
  program: string,
  args: readonly string[],
  input = '',
  withinMs: number = processLimits.commandMs,
): CommandResult {
  const { status, stdout, stderr, error } = spawnSync(program, args, {
    encoding: 'utf8',
    env: environmentForPrograms(),
    input,
    timeout: withinMs,
    killSignal: 'SIGKILL',
  });
  // Null where it could not be started, whatever the types say.
  const text = (output: string | null): string => output ?? '';
  return { ok: status === 0, stdout: text(stdout), stderr: text(stderr), error };
}
