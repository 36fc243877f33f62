/**
 * Installed programs end with the process that started them, whatever ends it, with all that they
 * started and their folders. Runs the build: `npm run build` after a change. A line names each program
 * that is missing.
 */
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { whyMissing, type RealKindName } from '../../src/proxy/real/registry.ts';
import { parentProcess, type ParentProcess } from '../helpers/process/parent-process.ts';
import { descendants, untilGone, type ProcessRow } from '../helpers/process/processes.ts';

const timeout = 60_000;
/** A folder is removed right after the program; a busy machine takes its time. */
const removedWithinMs = 10_000;

/** A master and two workers, which is more than the minimal configuration has; `extra` at its top. */
const nginxConfig = (extra = ''): string => `${extra}
worker_processes 2;
pid {{dir}}/nginx.pid;
error_log stderr error;
events { }
http {
  access_log off;
  server { listen 127.0.0.1:{{port}}; location / { proxy_pass http://{{target}}; } }
}
`;

interface Family {
  parent: ParentProcess;
  /** Shell, guard, program and what that started. */
  all: ProcessRow[];
  leader: ProcessRow;
  guard: ProcessRow;
  program: ProcessRow;
  folder: string;
}

/** A parent with a program behind `127.0.0.1`, and then `body`. */
async function familyOf(options: object, body = '', size = 3): Promise<Family> {
  const temporary = mkdtempSync(join(tmpdir(), 'streamgauge-guarded-'));
  onTestFinished(() => rmSync(temporary, { recursive: true, force: true }));
  const parent = parentProcess(
    `const { startRealProxy } = await load('src/proxy/real/start.js');
const proxy = await startRealProxy(options);
proxy.onExit((error) => say(error.message));
say('started');
setInterval(() => {}, 1000);
${body}`,
    {
      env: { TMPDIR: temporary, OPENAI_API_KEY: 'sk-secret' },
      values: { options: { target: { host: '127.0.0.1', port: 9 }, ...options } },
    },
  );
  expect(await parent.next()).toBe('started');
  // nginx listens before its workers are there.
  let all = descendants(parent.pid);
  await expect.poll(() => (all = descendants(parent.pid)).length).toBeGreaterThanOrEqual(size);
  const [leader, guard, program] = all;
  expect(guard!.command).toContain('guard.js');
  const [folder] = readdirSync(temporary);
  return {
    parent,
    all,
    leader: leader!,
    guard: guard!,
    program: program!,
    folder: join(temporary, folder!),
  };
}

async function expectNothingLeft({ all, folder }: Family): Promise<void> {
  expect(await untilGone(all.map(({ pid }) => pid))).toEqual([]);
  const giveUpAt = performance.now() + removedWithinMs;
  while (existsSync(folder) && performance.now() < giveUpAt) {
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  expect(existsSync(folder)).toBe(false);
}

function skippedWithout(kind: RealKindName): boolean {
  const missing = whyMissing(kind);
  if (missing === undefined) return false;
  it.skip(`skipped: ${missing}`, () => {});
  return true;
}

describe('nginx with its workers', { timeout }, () => {
  if (skippedWithout('nginx')) return;
  const nginx = { kind: 'nginx', config: nginxConfig() };

  it.each([
    ['is killed', `process.kill(process.pid, 'SIGKILL')`],
    ['loses its terminal', `process.kill(process.pid, 'SIGHUP')`],
    ['exits', 'process.exit(7)'],
    ['throws', `setImmediate(() => { throw new Error('a defect'); })`],
  ])('is gone when the parent %s', async (_, end) => {
    const family = await familyOf(nginx, `process.once('SIGUSR2', () => { ${end} });`, 5);
    // Shell, guard, master and two workers: one group, which is not the parent's.
    expect(family.all).toHaveLength(5);
    expect(new Set(family.all.map(({ group }) => group))).toEqual(new Set([family.leader.pid]));
    family.parent.process.kill('SIGUSR2');
    await family.parent.exited;
    await expectNothingLeft(family);
  });

  it.each(['leader', 'guard'] as const)('is gone when its %s is killed', async (who) => {
    const family = await familyOf(nginx);
    process.kill(family[who].pid, 'SIGKILL');
    expect(await family.parent.next()).toMatch(/^nginx ended unexpectedly \(/);
    await expectNothingLeft(family);
  });

  it('is gone when its master is killed, and the parent is told how it ended', async () => {
    const family = await familyOf(nginx);
    process.kill(family.program.pid, 'SIGKILL');
    expect(await family.parent.next()).toBe('nginx ended unexpectedly (signal SIGKILL)');
    await expectNothingLeft(family);
  });

  it('ends also when its program is stopped, or its guard', async () => {
    const close = `process.once('SIGUSR2', () => void proxy.close().then(() => process.exit(5)));`;
    // Both at once: each waits for the end of a grace.
    const waiting = (['program', 'guard'] as const).map(async (who) => {
      const family = await familyOf(nginx, close);
      process.kill(family[who].pid, 'SIGSTOP');
      family.parent.process.kill('SIGUSR2');
      expect(await family.parent.exited, who).toEqual({ code: 5, signal: null });
      await expectNothingLeft(family);
    });
    await Promise.all(waiting);
  });

  it('stays in the foreground where the configuration does not say so, and as it says', async () => {
    const family = await familyOf({ kind: 'nginx', config: nginxConfig('daemon off;') });
    family.parent.process.kill('SIGKILL');
    await expectNothingLeft(family);
    const parent = parentProcess(
      `const { startRealProxy } = await load('src/proxy/real/start.js');
await startRealProxy(options).catch((error) => say([error.code, error.message]));`,
      {
        values: {
          options: {
            kind: 'nginx',
            config: nginxConfig('daemon on;'),
            target: { host: '127.0.0.1', port: 9 },
          },
        },
      },
    );
    expect(await parent.next()).toEqual([
      'proxy-config',
      'the nginx configuration says "daemon on"',
    ]);
    expect(await parent.exited).toEqual({ code: 0, signal: null });
  });
});

describe.each<RealKindName>(['haproxy', 'apache', 'caddy', 'varnish'])(
  '%s',
  { timeout },
  (kind) => {
    if (skippedWithout(kind)) return;

    it('is gone when the parent is killed', async () => {
      const family = await familyOf({ kind });
      family.parent.process.kill('SIGKILL');
      await expectNothingLeft(family);
    });
  },
);
