/**
 * The parent's side of a child process: its start, its end however it comes, and the channel between.
 * The protocol is in channel.js, the deadlines in limits.js.
 *
 * A child never outlives its parent: the kernel closes their pipe when the parent is gone, whatever
 * killed it, and the child then ends (serve.js); should it be too busy to notice that, a second thread of it
 * ends it (watch-parent.js). The one exception is a child that is stopped (SIGSTOP) when its parent is
 * killed: it ends when it is continued.
 *
 * Each child leads a group (and session) of processes. So what a terminal tells the parent's group, a
 * Ctrl-C say, does not reach it, not even before it could ignore it: the parent decides when it ends. And
 * it is killed with what it started.
 */
import { spawn, type ChildProcess, type StdioOptions } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { messageOf, type StreamgaugeError } from '../errors.ts';
import { CallChannel, closeQuestion, startQuestion, type Answer, type Wait } from './channel.js';
import { environmentForNode } from './environment.ts';
import { ExitListeners } from './exit-listeners.ts';
import { processLimits } from './limits.js';
import {
  closedError,
  endedError,
  receivedError,
  startError,
  type ChildFace,
} from './received-error.ts';

/** What is run as the child, which must speak the protocol on its IPC pipe. */
export interface ChildCommand {
  readonly program: string;
  readonly args: readonly string[];
  readonly env: Record<string, string>;
  readonly stdio: StdioOptions;
}

/**
 * Node with a module that exports a service.
 *
 * @param role - what it is called in a list of processes: `mock`, `relay`.
 * @param module - its URL.
 * @param before - words that start Node, if any (`unshare --net --`).
 */
export function nodeCommand(
  role: string,
  module: string,
  before: readonly string[] = [],
): ChildCommand {
  const main = fileURLToPath(new URL('child.js', import.meta.url));
  // None of this process's flags: --inspect and its like are meant for the parent alone.
  const words = [...before, process.execPath, main, role, module, String(process.pid)];
  return {
    program: words[0]!,
    args: words.slice(1),
    env: environmentForNode(),
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  };
}

export interface ChildOptions extends Wait {
  /** What the child may ask this process. */
  answer?: (question: string, input: unknown) => unknown;
  /** Grace for an orderly end, ms; default: `closeMs` of limits.js. */
  closeMs?: number;
}

export class NodeChild {
  /** Its streams, where the command asked for pipes. */
  readonly process: ChildProcess;
  private readonly face: ChildFace;
  private readonly closeMs: number;
  private readonly channel: CallChannel;
  private readonly exited: Promise<void>;
  private readonly exits = new ExitListeners();
  private gone = false;
  private closing: Promise<void> | undefined;

  /**
   * Starts the process; `start` tells it what to do.
   *
   * @throws StreamgaugeError `…-start-failed` where the system refuses; mostly that comes from `start`.
   */
  constructor(face: ChildFace, command: ChildCommand, options: ChildOptions = {}) {
    this.face = face;
    this.closeMs = options.closeMs ?? processLimits.closeMs;
    const child = spawned(face, command);
    this.process = child;
    this.channel = new CallChannel({
      peer: face,
      // Where the pipe is broken the child ends or is ended, and that fails the calls.
      send: (message, handle) =>
        void (child.connected && child.send(message, handle, {}, () => undefined)),
      answer: options.answer ?? refuse,
      toError: (sent) => receivedError(face, sent),
    });
    child.on('message', (message, handle) => this.channel.receive(message, handle));
    this.exited = new Promise((resolve) => {
      const over = (error: StreamgaugeError): void => {
        this.ended(error);
        resolve();
      };
      child.once('exit', (exitCode, signal) => over(endedError(face, { exitCode, signal })));
      // Without a number it was never started, and no exit follows.
      child.on('error', (error) => {
        if (child.pid === undefined) over(startError(face, messageOf(error)));
      });
    });
    // A child that gets no messages any more is of no use.
    child.once('disconnect', () => void this.finish());
  }

  /** The number of the process; undefined where it could not be started. */
  get pid(): number | undefined {
    return this.process.pid;
  }

  /**
   * Tells the child what to do.
   *
   * @returns what it says once it does it. Where it fails, the process is ended.
   * @throws StreamgaugeError as the child threw it; `…-ended`, `…-start-failed`, `…-no-answer`.
   */
  async start(request: unknown, wait: Wait = {}): Promise<unknown> {
    try {
      return await this.ask(startQuestion, request, { withinMs: processLimits.startMs, ...wait });
    } catch (error) {
      const ended = this.close();
      // Who aborts does not want to wait.
      if (!wait.signal?.aborted) await ended;
      throw error;
    }
  }

  /** Asks it something; see `CallChannel.ask`. */
  async ask(question: string, input?: unknown, wait?: Wait): Promise<unknown> {
    return (await this.askForHandle(question, input, wait)).value;
  }

  /** As `ask`, with the socket or server that came with the answer. */
  askForHandle(question: string, input?: unknown, wait?: Wait): Promise<Answer> {
    return this.channel.ask(question, input, wait);
  }

  /** As `RunningService.onExit`. */
  onExit(listener: (error: StreamgaugeError) => void): () => void {
    return this.exits.add(listener);
  }

  /** As `RunningService.close`. */
  close(): Promise<void> {
    this.closing ??= this.gone ? Promise.resolve() : this.finish();
    return this.closing;
  }

  /** Orderly first; whatever is still there after the grace, stopped or hanging, is killed. */
  private async finish(): Promise<void> {
    // Its answer is that it ends.
    this.channel.ask(closeQuestion, undefined, { withinMs: this.closeMs }).catch(() => undefined);
    if (await within(this.exited, this.closeMs)) return;
    this.kill();
    if (await within(this.exited, processLimits.killMs)) return;
    // The kernel does not end it. Nothing here waits for it any more.
    if (this.process.connected) this.process.disconnect();
    this.process.unref();
  }

  /** With its group. Its number cannot be another's: until its exit is known here, the kernel keeps it taken. */
  private kill(): void {
    const { pid, exitCode, signalCode } = this.process;
    if (pid === undefined || exitCode !== null || signalCode !== null) return;
    try {
      process.kill(-pid, 'SIGKILL');
    } catch {
      // None of the group is left.
    }
  }

  private ended(error: StreamgaugeError): void {
    this.gone = true;
    this.channel.end(this.closing ? closedError(this.face) : error);
    // Others may hold the pipe, as a program's guard does: so they are told that it is over.
    if (this.process.connected) this.process.disconnect();
    if (!this.closing) this.exits.tell(error);
  }
}

function spawned(face: ChildFace, command: ChildCommand): ChildProcess {
  const { program, args, env, stdio } = command;
  try {
    return spawn(program, args, { env, stdio, serialization: 'advanced', detached: true });
  } catch (error) {
    // Most problems are told by an event; want of memory is thrown.
    throw startError(face, messageOf(error));
  }
}

function refuse(question: string): never {
  throw new Error(`nothing is answered here, not "${question}" either`);
}

/** Whether a promise is settled within so many ms. */
async function within(promise: Promise<void>, ms: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), ms);
  });
  const settled = await Promise.race([promise.then(() => true), late]);
  clearTimeout(timer);
  return settled;
}
