/** The parent's side of a process inside a network namespace of its own; see inside.js. */
import { spawn, type ChildProcess } from 'node:child_process';
import * as net from 'node:net';
import { fileURLToPath } from 'node:url';
import { StreamgaugeError } from '../../../errors.ts';

const script = fileURLToPath(new URL('inside.js', import.meta.url));
/** Connections that may wait to be accepted; the kernel's own limit applies too. */
const backlog = 4096;

interface Reply {
  id: number;
  error?: string;
  output?: string;
  port?: number;
}

type Waiting = {
  resolve: (answer: { reply: Reply; handle: unknown }) => void;
  reject: (error: Error) => void;
};

export class NamespaceAgent {
  private readonly child: ChildProcess;
  private readonly waiting = new Map<number, Waiting>();
  private readonly ready: Promise<unknown>;
  private requests = 0;
  private gone = false;

  constructor() {
    const words = ['--net', '--', process.execPath, script];
    this.child = spawn('unshare', words, { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
    this.child.on('message', (reply: Reply, handle) => {
      const asker = this.waiting.get(reply.id);
      this.waiting.delete(reply.id);
      if (reply.error === undefined) asker?.resolve({ reply, handle });
      else asker?.reject(failed(reply.error));
    });
    const over = (): void => {
      this.gone = true;
      for (const { reject } of this.waiting.values()) reject(failed('its process has ended'));
      this.waiting.clear();
    };
    this.child.once('exit', over);
    this.child.once('error', over);
    // The first message says that it runs.
    this.ready = this.answer(this.requests++);
    this.ready.catch(() => undefined);
  }

  /** Its process, by which tools name the namespace. */
  async pid(): Promise<number> {
    await this.ready;
    return this.child.pid!;
  }

  /** Runs a command in the namespace and gives what it printed. @throws StreamgaugeError */
  async run(command: readonly string[], input = ''): Promise<string> {
    return (await this.ask({ action: 'run', command, input })).reply.output ?? '';
  }

  /** Sets a file under /proc/sys/net, which every namespace has of its own. */
  async set(file: string, text: string): Promise<void> {
    await this.ask({ action: 'write', file, text });
  }

  /** A socket of the namespace that listens at a free port of `host`. */
  async listen(host: string): Promise<{ server: net.Server; port: number }> {
    const { reply, handle } = await this.ask({ action: 'listen', host, backlog });
    if (!(handle instanceof net.Server)) throw failed('it gave no listening socket');
    await this.ask({ action: 'release' });
    return { server: handle, port: reply.port! };
  }

  /** A socket of the namespace, connected. */
  async connect(host: string, port: number): Promise<net.Socket> {
    const { handle } = await this.ask({ action: 'connect', host, port });
    if (!(handle instanceof net.Socket)) throw failed('it gave no connection');
    // What `net.connect` was told is not handed over with the socket.
    handle.allowHalfOpen = true;
    handle.setNoDelay(true);
    return handle;
  }

  close(): Promise<void> {
    if (this.gone) return Promise.resolve();
    return new Promise((resolve) => {
      this.child.once('exit', () => resolve());
      this.child.disconnect();
    });
  }

  private ask(request: object): Promise<{ reply: Reply; handle: unknown }> {
    const id = this.requests++;
    const answer = this.answer(id);
    if (!this.gone) this.child.send({ id, ...request });
    return answer;
  }

  private answer(id: number): Promise<{ reply: Reply; handle: unknown }> {
    if (this.gone) return Promise.reject(failed('its process has ended'));
    return new Promise((resolve, reject) => this.waiting.set(id, { resolve, reject }));
  }
}

function failed(reason: string): StreamgaugeError {
  return new StreamgaugeError(`network namespace: ${reason}`, {
    code: 'kernel-network-failed',
    exit: 'usage',
    hints: ['network: { driver: model } needs no namespaces'],
  });
}
