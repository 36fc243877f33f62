/** The processes of this machine, as tests look at them. */
import { execFileSync } from 'node:child_process';

export interface ProcessRow {
  pid: number;
  parent: number;
  /** Of its group, which is the number of the process that leads it. */
  group: number;
  command: string;
}

/** All that run; one that has ended and was not yet fetched by its parent does not. */
export function processes(): ProcessRow[] {
  const columns = ['-A', '-o', 'pid=,ppid=,pgid=,stat=,args='];
  return execFileSync('ps', columns, { encoding: 'utf8', maxBuffer: 64e6 })
    .split('\n')
    .flatMap((line) => {
      const [, pid, parent, group, state, command] =
        /^\s*(\d+)\s+(\d+)\s+(\d+)\s+(\S+)\s+(.*)$/.exec(line) ?? [];
      if (command === undefined || state!.startsWith('Z')) return [];
      return { pid: Number(pid), parent: Number(parent), group: Number(group), command };
    });
}

/** All that a process started, and what those did, and so on. */
export function descendants(pid: number, all = processes()): ProcessRow[] {
  return all
    .filter(({ parent }) => parent === pid)
    .flatMap((row) => [row, ...descendants(row.pid, all)]);
}

/** Waits until none of these runs; gives those that do after `seconds`, and ends them. */
export async function untilGone(
  pids: readonly number[],
  seconds = 20,
): Promise<readonly ProcessRow[]> {
  const giveUpAt = performance.now() + seconds * 1000;
  for (;;) {
    const left = processes().filter(({ pid }) => pids.includes(pid));
    if (left.length === 0) return left;
    if (performance.now() > giveUpAt) {
      for (const { pid } of left) process.kill(pid, 'SIGKILL');
      return left;
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
