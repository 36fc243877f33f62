/**
 * Two network namespaces joined by a veth pair, with packets lost by nftables: what real kernel TCP does
 * under loss. Needs root, `ip` and `nft`. Nothing outside the two namespaces is touched.
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import * as readline from 'node:readline';
import { fileURLToPath } from 'node:url';

/** From the package iproute2. */
const ipTool = 'ip';
const childScript = fileURLToPath(new URL('kernel-path.js', import.meta.url));

const run = (command: string, args: string[], input?: string) =>
  execFileSync(command, args, { encoding: 'utf8', input, stdio: ['pipe', 'pipe', 'pipe'] });

/** Why there can be no such path here; undefined where there can. */
export function kernelPathMissing(): string | undefined {
  if (process.platform !== 'linux') return 'not Linux';
  if (process.getuid?.() !== 0) return 'not root';
  for (const tool of [ipTool, 'nft']) {
    try {
      run(tool, ['-V']);
    } catch {
      return `no ${tool}; install the package ${tool === ipTool ? 'iproute2' : 'nftables'}`;
    }
  }
  const probe = `sgprobe${process.pid}`;
  try {
    run(ipTool, ['netns', 'add', probe]);
    run(ipTool, ['netns', 'exec', probe, 'nft', 'add', 'table', 'ip', 'probe']);
    return undefined;
  } catch (error) {
    return `no network namespace or no nftables in this kernel (${String(error).split('\n')[0]})`;
  } finally {
    try {
      run(ipTool, ['netns', 'delete', probe]);
    } catch {
      // It was never made.
    }
  }
}

export interface KernelPattern {
  intervalMs: number;
  chunks: number;
  connections: number;
}

/** Per connection, when each chunk was written and when it had arrived, monotonic ms. */
export interface KernelStream {
  writtenMs: number[];
  arrivedMs: number[];
}

export class KernelPath {
  private readonly sender: string;
  private readonly receiver: string;
  private readonly children: ChildProcess[] = [];
  private ports = 9000;

  /** @param lossPerMille - of the segments that carry data, dropped where the receiver takes them in. */
  constructor(lossPerMille: number) {
    this.sender = `sgsend${process.pid}`;
    this.receiver = `sgrecv${process.pid}`;
    try {
      for (const name of [this.sender, this.receiver]) run(ipTool, ['netns', 'add', name]);
      const words = `link add veth0 netns ${this.sender} type veth peer name veth0 netns ${this.receiver}`;
      run(ipTool, words.split(' '));
      for (const [name, address] of [
        [this.sender, '10.203.7.1/24'],
        [this.receiver, '10.203.7.2/24'],
      ] as const) {
        run(ipTool, ['-n', name, 'address', 'add', address, 'dev', 'veth0']);
        run(ipTool, ['-n', name, 'link', 'set', 'veth0', 'up']);
        run(ipTool, ['-n', name, 'link', 'set', 'lo', 'up']);
        const setting = 'echo "$1" > "/proc/sys/net/ipv4/$2"';
        const sysctl = (key: string, value: string) =>
          run(ipTool, ['netns', 'exec', name, 'sh', '-c', setting, 'sh', value, key]);
        sysctl('tcp_congestion_control', 'reno');
        // A fresh estimate for every connection, as the model has it.
        sysctl('tcp_no_metrics_save', '1');
      }
      // 40 bytes of headers and 12 of timestamps are a bare acknowledgement. Drops on the sender's own
      // way out would not do: the kernel tells TCP of those, and they are not loss on the wire.
      run(
        ipTool,
        ['netns', 'exec', this.receiver, 'nft', '-f', '-'],
        `table ip loss {
          chain incoming {
            type filter hook prerouting priority raw; policy accept;
            ip protocol tcp ip length > 60 numgen random mod 1000 < ${lossPerMille} counter drop
          }
        }`,
      );
    } catch (error) {
      this.close();
      throw error;
    }
  }

  async measure(pattern: KernelPattern, chunkBytes: number): Promise<KernelStream[]> {
    const port = String(this.ports++);
    const address = '10.203.7.2';
    const common = [address, port, String(chunkBytes)];
    const arrivals = new Map<number, number[]>();
    const written = new Map<number, number[]>();
    const receiver = this.start(this.receiver, ['receive', ...common]);
    const received = (async () => {
      for await (const line of receiver.lines) {
        const [number, ...times] = line as number[];
        arrivals.set(number!, times);
        if (arrivals.size === pattern.connections) return;
      }
    })();
    await receiver.ready;
    const { intervalMs, chunks, connections } = pattern;
    const numbers = [intervalMs, chunks, connections].map(String);
    const sender = this.start(this.sender, ['send', ...common, ...numbers]);
    for await (const line of sender.lines) {
      const [number, ...times] = line as number[];
      written.set(number!, times);
    }
    await received;
    return [...written].map(([number, writtenMs]) => ({
      writtenMs,
      arrivedMs: arrivals.get(number) ?? [],
    }));
  }

  /** Segments dropped so far. */
  drops(): number {
    const text = run(ipTool, [
      'netns',
      'exec',
      this.receiver,
      'nft',
      'list',
      'table',
      ipTool,
      'loss',
    ]);
    return Number(/packets (\d+)/.exec(text)?.[1]);
  }

  /** Ends what runs inside and removes both namespaces; the veth pair goes with them. */
  close(): void {
    for (const child of this.children) child.kill('SIGKILL');
    for (const name of [this.sender, this.receiver]) {
      try {
        run(ipTool, ['netns', 'delete', name]);
      } catch {
        // It was never made.
      }
    }
  }

  private start(namespace: string, args: string[]) {
    const child = spawn(
      ipTool,
      ['netns', 'exec', namespace, process.execPath, childScript, ...args],
      { stdio: ['pipe', 'pipe', 'inherit'] },
    );
    this.children.push(child);
    let ready: () => void = () => {};
    const isReady = new Promise<void>((resolve) => {
      ready = resolve;
    });
    async function* lines(): AsyncGenerator {
      for await (const line of readline.createInterface({ input: child.stdout })) {
        const value = JSON.parse(line) as unknown;
        if (value === 'ready') ready();
        else yield value;
      }
    }
    return { lines: lines(), ready: isReady };
  }
}
