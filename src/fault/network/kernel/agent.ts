/** The parent's side of a process inside a separate network namespace; see namespace-process.js. */
import * as net from 'node:net';
import { StreamgaugeError } from '../../../errors.ts';
import { nodeCommand, NodeChild } from '../../../process/node-child.ts';
import type { ChildFace } from '../../../process/received-error.ts';

const namespaceProcess = new URL('namespace-process.js', import.meta.url).href;
/** Connections that may wait to be accepted; the kernel's limit applies too. */
const backlog = 4096;

const face: ChildFace = {
  name: 'the process in the network namespace',
  code: 'kernel-network',
  exit: 'usage',
  hints: ['network: { driver: model } needs no namespaces'],
};

export class NamespaceAgent {
  private readonly child: NodeChild;

  /**
   * Makes a namespace and starts the process in it.
   *
   * @throws StreamgaugeError `kernel-network-…` where one of the two cannot be had.
   */
  static async start(): Promise<NamespaceAgent> {
    const command = nodeCommand(face.code, namespaceProcess, ['unshare', '--net', '--']);
    const child = new NodeChild(face, command);
    await child.start(undefined);
    return new NamespaceAgent(child);
  }

  private constructor(child: NodeChild) {
    this.child = child;
  }

  /** Its process, by which tools name the namespace. */
  get pid(): number {
    return this.child.pid!;
  }

  /** Runs a command in the namespace and gives what it printed. @throws StreamgaugeError */
  async run(command: readonly string[], input = ''): Promise<string> {
    return (await this.child.ask('run', { command, input })) as string;
  }

  /** Sets a file under /proc/sys/net, which every namespace has of its own. */
  async set(file: string, text: string): Promise<void> {
    await this.child.ask('write', { file, text });
  }

  /** A socket of the namespace that listens at a free port of `host`. */
  async listen(host: string): Promise<{ server: net.Server; port: number }> {
    const { value, handle } = await this.child.askForHandle('listen', { host, backlog });
    if (!(handle instanceof net.Server)) throw failed('it gave no listening socket');
    await this.child.ask('release');
    return { server: handle, port: (value as { port: number }).port };
  }

  /** A socket of the namespace, connected. */
  async connect(host: string, port: number): Promise<net.Socket> {
    const { handle } = await this.child.askForHandle('connect', { host, port });
    if (!(handle instanceof net.Socket)) throw failed('it gave no connection');
    // What `net.connect` was told is not handed over with the socket.
    handle.allowHalfOpen = true;
    handle.setNoDelay(true);
    return handle;
  }

  close(): Promise<void> {
    return this.child.close();
  }
}

function failed(reason: string): StreamgaugeError {
  return new StreamgaugeError(`${face.name}: ${reason}`, {
    code: 'kernel-network-failed',
    exit: 'usage',
    hints: [...(face.hints ?? [])],
  });
}
