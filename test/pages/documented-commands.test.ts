/**
 * The commands of README and docs, page by page, in an empty folder as a reader would have it: each must
 * do what it shows. Ports that pages name (8000, 8080 …) become free ones, servers that a page starts run
 * until its end, and runs are made short. What needs a service that no test has is marked in the page
 * (see test/pages/helpers/documented-commands.ts), and must name options that exist all the same
 * (test/unit/project/documentation.test.ts).
 */
import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import fs from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { startMock, type MockServer } from '../../mock-server/index.ts';
import { commandBlocks, pageFiles } from './helpers/documented-commands.ts';

const root = path.resolve(import.meta.dirname, '../..');
const program = path.join(root, 'bin/streamgauge.js');
const pages = [
  'README.md',
  'scenarios/README.md',
  'mock-server/README.md',
  'bench/README.md',
].concat(
  fs
    .readdirSync(path.join(root, 'docs'))
    .filter((name) => name.endsWith('.md') && !name.startsWith('adding-'))
    .map((name) => `docs/${name}`),
);

/** What the project's own checks run as it stands, so that it need not run inside one of them. */
const ci = fs.readFileSync(path.join(root, '.ci/run'), 'utf8');
const { scripts } = JSON.parse(fs.readFileSync(path.join(root, 'package.json'), 'utf8')) as {
  scripts: Record<string, string>;
};
const runByCi = (command: string): boolean =>
  /^npm (ci|start|test)$/.test(command) && ci.includes(command);

/** Whole runs of the shipped scenarios are the smoke runs of .ci/run; here they must validate. */
const shipped = /^run (scenarios\/[\w-]+\.yaml)/;
/** A short run shows that it works; its gates mean nothing on a busy machine. */
const runEnds = [0, 96, 97, 99];

const work = fs.mkdtempSync(path.join(os.tmpdir(), 'streamgauge-commands-'));
const servers: ChildProcess[] = [];
let behind: MockServer;
let ports: Map<string, number>;

beforeAll(async () => {
  behind = await startMock({ profile: 'fast' });
  for (const folder of ['scenarios', 'reports/example']) {
    fs.cpSync(path.join(root, folder), path.join(work, folder), { recursive: true });
  }
});

afterAll(async () => {
  await behind.close();
  fs.rmSync(work, { recursive: true, force: true });
});

afterEach(async () => {
  await Promise.all(servers.splice(0).map(stop));
});

async function freePort(): Promise<number> {
  const server = net.createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as net.AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

function stop(server: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    if (server.exitCode !== null) resolve();
    server.once('exit', () => resolve());
    server.kill('SIGINT');
  });
}

/** Starts a server and waits until it says where it is. */
async function serve(command: string): Promise<void> {
  const child = spawn('bash', ['-c', `exec ${command}`], { cwd: work });
  servers.push(child);
  let said = '';
  await new Promise<void>((resolve, reject) => {
    const hear = (piece: Buffer): void => {
      said += piece.toString();
      if (/127\.0\.0\.1|localhost/.test(said)) resolve();
    };
    child.stdout.on('data', hear);
    child.stderr.on('data', hear);
    child.once('exit', (code) => reject(new Error(`${command} ended with ${code}: ${said}`)));
  });
}

/** Flags that make a run of a scenario short, whatever its load, and a mock that answers at once. */
function shortened(command: string): string {
  const [, file = ''] = /^run (\S+)/.exec(command) ?? [];
  const script = path.join(root, 'scripts/shorten.js');
  const flags = execFileSync('node', [script, file], { cwd: work, encoding: 'utf8' }).trim();
  return `${flags} --set mock.ttft=2ms --set mock.itl=1ms`
    .split(' ')
    .map((word) => `'${word.replace(/duration=2s$/, 'duration=500ms')}'`)
    .join(' ');
}

async function perform(shown: string): Promise<void> {
  let command = shown.replaceAll(/\b(8000|8080|8081|8443)\b/g, (port) => String(ports.get(port)));
  const mine = command.replace(/^npx streamgauge /, '');
  if (mine === command) {
    if (command.startsWith('npm run ')) {
      expect(Object.keys(scripts)).toContain(command.split(' ')[2]);
      return;
    }
    if (runByCi(command)) return;
  } else {
    const words = `node ${program} ${mine}`;
    if (/^(mock|proxy) /.test(mine)) {
      await serve(words);
      return;
    }
    if (shipped.test(mine)) command = words.replace(`${program} run`, `${program} validate`);
    else command = mine.startsWith('run ') ? `${words} ${shortened(mine)}` : words;
  }
  const { status, said } = await execute(command);
  const fine = mine.startsWith('run ') && !shipped.test(mine) ? runEnds : [0];
  expect(fine, `${command}\n${said}`).toContain(status);
}

/** Not `spawnSync`, which would stop the mock server in this process too. */
function execute(command: string): Promise<{ status: number | null; said: string }> {
  return new Promise((resolve) => {
    const child = spawn('bash', ['-c', command], { cwd: work, timeout: 120_000 });
    let said = '';
    child.stdout.on('data', (piece: Buffer) => (said += piece.toString()));
    child.stderr.on('data', (piece: Buffer) => (said += piece.toString()));
    child.once('close', (status) => resolve({ status, said }));
  });
}

const runnableOf = (text: string) => commandBlocks(text).filter(({ needs }) => needs === undefined);
const pagesWithCommands = pages
  .map((page) => ({ page, text: fs.readFileSync(path.join(root, page), 'utf8') }))
  .filter(({ text }) => runnableOf(text).length > 0);

describe.each(pagesWithCommands)('$page', ({ text }) => {
  const runnable = runnableOf(text);

  it('does what it shows', async () => {
    ports = new Map();
    for (const port of ['8080', '8081', '8443']) ports.set(port, await freePort());
    const startsIt = runnable.some(({ commands }) =>
      commands.some((command) => /streamgauge mock --port 8000/.test(command)),
    );
    ports.set('8000', startsIt ? await freePort() : behind.port);
    // A scenario that many pages speak of without writing it.
    const chat = fs.readFileSync(path.join(root, 'docs/getting-started.md'), 'utf8');
    for (const file of [...pageFiles(chat), ...pageFiles(text)]) {
      fs.writeFileSync(path.join(work, file.name), file.text);
    }
    for (const { commands } of runnable) {
      for (const command of commands) {
        const [, begun] = /streamgauge init ([\w-]+)/.exec(command) ?? [];
        if (begun !== undefined) fs.rmSync(path.join(work, `${begun}.yaml`), { force: true });
        await perform(command);
      }
    }
  });
});

it('finds the commands of the pages', () => {
  const all = pages.flatMap((page) =>
    commandBlocks(fs.readFileSync(path.join(root, page), 'utf8')),
  );
  const run = all.filter(({ needs }) => needs === undefined);
  expect(run.flatMap(({ commands }) => commands).length).toBeGreaterThan(25);
  for (const { needs } of all) expect(needs).not.toBe('');
});
