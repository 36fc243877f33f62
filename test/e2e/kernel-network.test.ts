/**
 * `network: { driver: kernel }` as a user runs it: the same scenario under kernel and model, what the
 * result says of them, and that nothing stays behind. Needs root; says so where it skips.
 */
import { execFile, spawn } from 'node:child_process';
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
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { kernelSupport } from '../../src/fault/network/kernel/support.ts';
import { runScenario, summarize, type Result } from '../../src/index.ts';
import { mergeArm } from '../../src/result/merge.ts';
import { readResult } from '../../src/result/read.ts';
import { realWorld } from '../../src/world.ts';

const { missing, tbf } = kernelSupport();
if (missing) {
  process.stderr.write(`kernel-network: skipped, ${missing.reason}; ${missing.hint}\n`);
}

const intervalMs = 100;
/** What a busy machine adds to a gap is not TCP's doing. */
const noiseMs = 40;

/** Gaps that loss made longer or shorter, as cumulative shares over fixed edges. */
function distribution(result: Result, arm: number): { shares: number[]; late: number } {
  const gaps = mergeArm(result.arms[arm]!).histograms.get('itl')!;
  const edges = [noiseMs, intervalMs, 170, 230, 270, 330, 370, 430, 600];
  const clipped = gaps.buckets().map(({ from, to, count }) => {
    const middle = (from + to) / 2;
    return { gapMs: Math.abs(middle - intervalMs) < noiseMs ? intervalMs : middle, count };
  });
  const share = (keep: (gapMs: number) => boolean): number =>
    clipped.reduce((sum, { gapMs, count }) => sum + (keep(gapMs) ? count : 0), 0) / gaps.count;
  return {
    shares: edges.map((edge) => share((gapMs) => gapMs <= edge)),
    late: share((gapMs) => gapMs > intervalMs),
  };
}

const program = fileURLToPath(new URL('../../bin/streamgauge.js', import.meta.url));

/** Through the program, where client, relay and mock have processes of their own. */
async function drivers(): Promise<Result> {
  const folder = mkdtempSync(path.join(tmpdir(), 'kernel-network-'));
  try {
    const file = path.join(folder, 'scenario.json');
    const scenario = {
      name: 'drivers',
      target: 'mock',
      arms: {
        kernel: { network: { driver: 'kernel', loss: '5%' } },
        model: { network: { driver: 'model', loss: '5%' } },
      },
      load: { kind: 'closed', sessions: 30, iterations: 30, duration: '30s' },
      prompt: 'Hello',
      mock: { ttft: '30ms', itl: `${intervalMs}ms`, tokens: 80 },
    };
    writeFileSync(file, JSON.stringify(scenario));
    await promisify(execFile)(process.execPath, [program, 'run', file, '--out', folder]);
    return readResult(path.join(folder, 'result.json'), realWorld());
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

describe.skipIf(missing)('a network made by the kernel', () => {
  it('delays tokens as the model does, and says which was which', async () => {
    let figures = { distance: 1, kernelLate: 0, modelLate: 0, dropped: 0 };
    let result!: Result;
    // A machine that is busy with other tests is late by itself; then once more.
    for (let attempt = 0; attempt < 3 && figures.distance > 0.02; attempt++) {
      result = await drivers();
      const [kernel, model] = [distribution(result, 0), distribution(result, 1)];
      figures = {
        distance: Math.max(
          ...kernel.shares.map((share, index) => Math.abs(share - model.shares[index]!)),
        ),
        kernelLate: kernel.late,
        modelLate: model.late,
        dropped: result.arms[0]!.trials[0]!.faults[0]!.fired,
      };
      process.stderr.write(`kernel-network: ${JSON.stringify(figures)}\n`);
    }
    // 2,370 gaps, of which about 5 % are late: without any loss, the distance would be 0.05.
    // Chance alone makes it 0.015.
    expect(figures.distance).toBeLessThanOrEqual(0.03);
    expect(figures.kernelLate).toBeGreaterThan(0.03);
    expect(figures.kernelLate).toBeLessThan(0.08);

    for (const arm of summarize(result).arms) expect(arm.outcomes).toEqual({ completed: 30 });
    expect(result.arms.map((arm) => arm.network)).toEqual([
      'kernel: loss 5 % (nftables)',
      'model: loss rtt=0ms rate=5%',
    ]);
    const [dropped] = result.arms[0]!.trials[0]!.faults;
    expect(dropped!.fault).toBe('kernel loss 5 % (nftables)');
    // 30 requests and 30 × 80 tokens.
    expect(dropped!.fired).toBeGreaterThan(0.03 * 2400);
    expect(dropped!.fired).toBeLessThan(0.08 * 2400);
  }, 150_000);

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
      load: { kind: 'closed', sessions: 4, iterations: 8, duration: '20s' },
      prompt: 'Hello',
      mock: { ttft: '30ms', itl: '10ms', tokens: 30 },
    });
    const [websocket, http2, faults, cut, idle, proxied, slow] = summarize(result).arms;
    for (const arm of [websocket, http2, faults, idle, proxied]) {
      expect(arm!.outcomes, arm!.name).toEqual({ completed: 8 });
    }
    // A reset crosses the namespaces.
    expect(cut!.outcomes).toEqual({ reset: 8 });
    expect(faults!.metrics.ttft!.p50 - idle!.metrics.ttft!.p50).toBeGreaterThan(70);
    expect(proxied!.metrics.events_per_read!.mean).toBeGreaterThan(3);
    // Four answers of some 70 kbit each at once, through one line.
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
      const program = fileURLToPath(new URL('../../bin/streamgauge.js', import.meta.url));
      const child = spawn(process.execPath, [program, 'run', file, '--out', folder], {
        stdio: 'ignore',
      });
      try {
        const namespaces = await until(() => {
          const inside = processesUnder(child.pid!).filter(({ command }) =>
            command.includes('inside.js'),
          );
          return inside.length === 2 ? inside : undefined;
        });
        const own = readlinkSync('/proc/self/ns/net');
        for (const { namespace } of namespaces) expect(namespace).not.toBe(own);
        child.kill(signal);
        await until(() => {
          const alive = processes().filter(({ namespace }) =>
            namespaces.some((gone) => gone.namespace === namespace),
          );
          return alive.length === 0 || undefined;
        });
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

async function until<T>(look: () => T | undefined): Promise<T> {
  const deadline = performance.now() + 20_000;
  for (;;) {
    const found = look();
    if (found !== undefined) return found;
    if (performance.now() > deadline) throw new Error('it did not come about within 20 s');
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
