/**
 * An installed program (nginx, HAProxy) that ends when this process does, whatever ends it, together with
 * all that it started, and whose temporary folder goes with it. How that is done: guard.js.
 */
import { rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { StreamgaugeError } from '../errors.ts';
import { environmentForPrograms } from './environment.ts';
import { ExitListeners } from './exit-listeners.ts';
import { processLimits } from './limits.js';
import { NodeChild, type ChildCommand } from './node-child.ts';
import { endedError, type ChildFace, type ProcessEnd } from './received-error.ts';

/** Characters of its output that are kept, from the end. */
const outputKept = 4000;

/** Waits for its words, then ends all of its group, itself included. */
const waitThenEndGroup = `trap : TERM INT HUP
"$@"
kill -KILL 0`;

function guardCommand(): ChildCommand {
  const guard = fileURLToPath(new URL('guard.js', import.meta.url));
  return {
    program: '/bin/sh',
    args: ['-c', waitThenEndGroup, 'sh', process.execPath, guard],
    env: environmentForPrograms(),
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  };
}

export class GuardedProgram {
  /** Temporary, for the program's files; it is removed with the program. */
  readonly directory: string;
  private readonly guard: NodeChild;
  private readonly exits = new ExitListeners();
  private said = '';
  private over = false;
  private closing: Promise<void> | undefined;

  /**
   * Starts the guard, which makes the folder. The program is started by `run`.
   *
   * @param folder - how the name of the folder begins.
   * @throws StreamgaugeError where no process or folder can be made.
   */
  static async prepare(face: ChildFace, folder: string): Promise<GuardedProgram> {
    let program: GuardedProgram | undefined;
    const guard = new NodeChild(face, guardCommand(), {
      closeMs: processLimits.programStopMs + processLimits.closeMs,
      // The one thing that a guard asks.
      answer: (_, input) => program?.ended(endedError(face, input as ProcessEnd)),
    });
    const { directory } = (await guard.start({ prefix: folder })) as { directory: string };
    program = new GuardedProgram(guard, directory);
    return program;
  }

  private constructor(guard: NodeChild, directory: string) {
    this.guard = guard;
    this.directory = directory;
    for (const stream of [guard.process.stdout, guard.process.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => {
        this.said = (this.said + text).slice(-outputKept);
      });
    }
    guard.onExit((error) => {
      this.ended(error);
      this.removeDirectory();
    });
  }

  /**
   * Starts the program, once. The environment is that of `environmentForPrograms` and what is given.
   *
   * @throws StreamgaugeError where it cannot be started at all.
   */
  async run(program: string, args: readonly string[], env: Record<string, string>): Promise<void> {
    await this.guard.ask('run', { program, args, env: { ...environmentForPrograms(), ...env } });
  }

  /** The last of what it wrote to stdout and stderr. */
  get output(): string {
    return this.said;
  }

  /** Whether it has ended. */
  get gone(): boolean {
    return this.over || this.closing !== undefined;
  }

  /** As `RunningService.onExit`. */
  onExit(listener: (error: StreamgaugeError) => void): () => void {
    return this.exits.add(listener);
  }

  /** Ends it and all that it started, by force after a grace; its folder is gone then. Never fails. */
  close(): Promise<void> {
    this.closing ??= this.guard.close().then(() => this.removeDirectory());
    return this.closing;
  }

  private ended(error: StreamgaugeError): void {
    if (this.closing) return;
    this.over = true;
    this.exits.tell(error);
  }

  /** The guard does it; should it have been killed, it is done here. */
  private removeDirectory(): void {
    rmSync(this.directory, { recursive: true, force: true });
  }
}
