/**
 * `network: { driver: kernel }` as a user runs it: what passes it, what the result says, and that nothing
 * stays behind. How it delays, compared with the model: test/timing/kernel-drivers.test.ts. Needs root; says so
 * where it skips.
 */
import { spawn } from 'node:child_process';
import {
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { kernelSupport } from '../../src/fault/network/kernel/support.ts';
import { runScenario, summarize } from '../../src/index.ts';
import { until } from '../helpers/until.ts';

const { missing, tbf } = kernelSupport();
const title = missing ? ` (skipped: ${missing.reason}; ${missing.hint})` : '';

const program = fileURLToPath(new URL('../../bin/streamgauge.js', import.meta.url));

describe.skipIf(missing)(`a network made by the kernel${title}`, () => {
  it('carries WebSocket, HTTP/2 over TLS and further faults, limits speed, and says what never fired', async () => {
    const network = { driver: 'kernel' } as const;
    const result = await runScenario({
      name: 'arms',
      target: 'mock',
      arms: {
        websocket: { network, dialect: 'openai-responses', transport: 'websocket' },
        http2: { network, http: '2' },
        faults: { network, faults: [{ kind: 'delay', rtt: '100ms' }] },
        cut: { network, faults: [{ kind: 'disconnect', how: 'rst', after: { bytes: '2kB' } }] },
        idle: { network: { driver: 'kernel', loss: '0.0001%' } },
        proxied: { network, proxy: { kind: 'nginx' } },
        ...(tbf && { slow: { network: { ...network, down: '100kbps' } } }),
      },
      load: { kind: 'closed', sessions: 4, iterations: 4, duration: '20s' },
      prompt: 'Hello',
      mock: { ttft: '30ms', itl: '10ms', tokens: 30 },
    });
    const [websocket, http2, faults, cut, idle, proxied, slow] = summarize(result).arms;
    for (const arm of [websocket, http2, faults, idle, proxied]) {
      expect(arm!.outcomes, arm!.name).toEqual({ completed: 4 });
    }
    expect(result.arms[4]!.network).toBe('kernel: loss 0.0001 % (nftables)');
    // A reset crosses the namespaces.
    const { reset = 0, truncated = 0 } = cut!.outcomes;
    expect(reset).toBeGreaterThan(0);
    // A client that finds the last bytes and the reset in one turn takes it for an end.
    expect(reset + truncated).toBe(4);
    // The fault's round trip, and 30 ms of the mock's.
    expect(faults!.metrics.ttft!.p50).toBeGreaterThan(125);
    expect(proxied!.metrics.events_per_read!.mean).toBeGreaterThan(3);
    // Four answers of some 70 kbit each at the same time, through one line.
    if (tbf) {
      expect(slow!.metrics.e2e!.p50).toBeGreaterThan(1000);
      expect(result.arms[6]!.trials[0]!.faults).toMatchObject([
        { fault: 'kernel down 0.1 Mbit/s (tbf)' },
      ]);
    }
    const silent = result.warnings.filter(({ code }) => code === 'fault-never-fired');
    expect(silent.map(({ arm, message }) => [arm, message.split('"')[1]])).toEqual([
      ['idle', 'kernel loss 0.0001 % (nftables)'],
    ]);
  }, 120_000);

  it.each(['SIGKILL', 'SIGTERM'] as const)(
    'leaves nothing behind after %s',
    async (signal) => {
      const folder = mkdtempSync(path.join(tmpdir(), 'kernel-network-'));
      const file = path.join(folder, 'scenario.yaml');
      writeFileSync(
        file,
        `name: killed
target: mock
network: { driver: kernel, loss: 2% }
load: { kind: closed, sessions: 2, duration: 60s }
prompt: Hello
`,
      );
      const child = spawn(process.execPath, [program, 'run', file, '--out', folder], {
        stdio: 'ignore',
      });
      try {
        const own = readlinkSync('/proc/self/ns/net');
        const namespaces = await until(
          () => {
            // Its command is known before it has entered its namespace.
            const inside = processesUnder(child.pid!).filter(
              ({ command, namespace }) =>
                command.includes('namespace-process.js') && namespace !== own,
            );
            return inside.length === 2 ? inside : undefined;
          },
          { what: 'a process in each of two namespaces', seen: () => processesUnder(child.pid!) },
        );
        expect(new Set(namespaces.map(({ namespace }) => namespace)).size).toBe(2);
        child.kill(signal);
        await until(
          () => {
            const alive = processes().filter(({ namespace }) =>
              namespaces.some((gone) => gone.namespace === namespace),
            );
            return alive.length === 0;
          },
          { what: 'the end of every process in the namespaces', seen: () => namespaces },
        );
      } finally {
        child.kill('SIGKILL');
        rmSync(folder, { recursive: true, force: true });
      }
    },
    60_000,
  );
});

interface Process {
  pid: number;
  parent: number;
  command: string;
  /** Of its network. */
  namespace: string;
}

function processes(): Process[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      try {
        const stat = readFileSync(`/proc/${name}/stat`, 'utf8');
        return {
          pid: Number(name),
          parent: Number(/.*\) \S (\d+)/s.exec(stat)![1]),
          command: readFileSync(`/proc/${name}/cmdline`, 'utf8'),
          namespace: readlinkSync(`/proc/${name}/ns/net`),
        };
      } catch {
        // It has ended meanwhile.
        return [];
      }
    });
}

function processesUnder(pid: number): Process[] {
  const all = processes();
  const below = (parent: number): Process[] =>
    all.filter((one) => one.parent === parent).flatMap((one) => [one, ...below(one.pid)]);
  return below(pid);
}
