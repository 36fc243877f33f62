/**
 * The package as its users get it: packed, installed into an empty folder, and used there, as a
 * program and as a library.
 */
import { execFile } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';

import { afterAll, beforeAll, expect, it } from 'vitest';

import { exitCodes } from '../../src/exit-codes.ts';
import type { Result } from '../../src/result/schema.ts';

const run = promisify(execFile);
const root = path.resolve(import.meta.dirname, '../..');
const work = fs.mkdtempSync(path.join(os.tmpdir(), 'streamgauge-package-'));
const version = (
  JSON.parse(fs.readFileSync(path.join(root, 'package.json'), 'utf8')) as { version: string }
).version;

const inWork = (program: string, ...args: string[]) => run(program, args, { cwd: work });
const npx = (command: string) => inWork('npx', '--no-install', ...command.split(' '));

/** What a command of the program says. A machine too busy to measure makes it end with 96, and report anyway. */
async function measure(command: string): Promise<string> {
  const program = path.join(work, 'node_modules/.bin/streamgauge');
  try {
    return (await inWork(program, ...command.split(' '))).stdout;
  } catch (error) {
    const { code, stdout } = error as { code: number; stdout: string };
    if (code === exitCodes.invalid.code) return stdout;
    throw error;
  }
}

beforeAll(async () => {
  // The build is what `npm test` made; the package's scripts would only make it again.
  const pack = await run('npm', ['pack', '--ignore-scripts', '--pack-destination', work], {
    cwd: root,
  });
  const tarball = pack.stdout.trim().split('\n').at(-1) ?? '';
  fs.writeFileSync(path.join(work, 'package.json'), '{ "private": true, "type": "module" }\n');
  // Dependencies were installed here a moment ago, so npm finds them in its cache.
  await inWork('npm', 'install', '--prefer-offline', '--no-audit', '--no-fund', `./${tarball}`);
}, 240_000);

afterAll(() => fs.rmSync(work, { recursive: true, force: true }));

it('says its version', async () => {
  const { stdout } = await npx('streamgauge --version');
  expect(stdout.trim()).toBe(version);
});

it('brings what it runs and reads, and nothing of its own making', () => {
  const installed = path.join(work, 'node_modules/streamgauge');
  for (const name of [
    'README.md',
    'LICENSE',
    'CHANGELOG.md',
    'dist/src/index.d.ts',
    'dist/mock-server/index.d.ts',
    'scenarios/quickstart.yaml',
    'schema/scenario.json',
  ]) {
    expect(fs.existsSync(path.join(installed, name)), name).toBe(true);
  }
  for (const name of ['src', 'test', 'bench', '.ci', 'docs', 'dist/test']) {
    expect(fs.existsSync(path.join(installed, name)), name).toBe(false);
  }
});

const scenario = `name: smoke
target: mock
arms:
  sse: { dialect: openai-responses, transport: sse }
  websocket: { dialect: openai-responses, transport: websocket }
load: { kind: closed, sessions: 2, iterations: 4, duration: 60s }
prompt: hello
max_tokens: 8
`;

it(
  'runs a scenario against its own mock server and writes reports',
  { timeout: 60_000 },
  async () => {
    fs.writeFileSync(path.join(work, 'smoke.yaml'), scenario);
    const stdout = await measure('run smoke.yaml --out out --format html,csv');
    expect(stdout).toContain('websocket');
    const result = JSON.parse(
      fs.readFileSync(path.join(work, 'out/result.json'), 'utf8'),
    ) as Result;
    expect(result.arms.map((arm) => arm.name)).toEqual(['sse', 'websocket']);
    for (const arm of result.arms) {
      const completed = arm.trials[0]?.measured.counts.turn_outcomes['completed'] ?? 0;
      expect(completed, arm.name).toBeGreaterThan(0);
    }
    expect(fs.readdirSync(path.join(work, 'out'))).toContain('report.html');
  },
);

it('works as a library', { timeout: 60_000 }, async () => {
  const program = `
    import { runScenario, summarize } from 'streamgauge';
    import { startMock } from 'streamgauge/mock-server';
    const mock = await startMock({});
    const answer = await fetch(mock.baseUrl + '/models');
    await mock.close();
    const result = await runScenario({
      name: 'library',
      target: 'mock',
      dialect: 'openai-chat',
      load: { kind: 'closed', sessions: 1, iterations: 2, duration: '60s' },
      prompt: 'hello',
      max_tokens: 4,
    });
    const [arm] = summarize(result).arms;
    console.log(JSON.stringify({ status: answer.status, ttft: arm.metrics.ttft.p50 }));
  `;
  fs.writeFileSync(path.join(work, 'library.js'), program);
  const { stdout } = await inWork(process.execPath, 'library.js');
  const told = JSON.parse(stdout) as { status: number; ttft: number };
  expect(told.status).toBe(200);
  expect(told.ttft).toBeGreaterThan(0);
});
