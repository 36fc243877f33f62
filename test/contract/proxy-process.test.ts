/**
 * Proxies in processes of their own, from a build of the sources as they are: Node cannot run the
 * TypeScript ones in a child. Each must end with its parent, however that ends.
 */
import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import * as http from 'node:http';
import * as net from 'node:net';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startBufferingProxyProcess } from '../../src/proxy/child.ts';
import { whyMissing } from '../../src/proxy/real/registry.ts';

const root = path.resolve(import.meta.dirname, '../..');
let work: string;
let server: http.Server;
let target: { host: string; port: number };

beforeAll(async () => {
  // Inside the project, so that packages are found.
  const cache = path.join(root, 'node_modules/.cache');
  mkdirSync(cache, { recursive: true });
  work = mkdtempSync(path.join(cache, 'proxy-process-'));
  const flags = ['--incremental', 'false', '--tsBuildInfoFile', 'null', '--declaration', 'false'];
  try {
    execFileSync(
      path.join(root, 'node_modules/.bin/tsc'),
      ['-p', 'tsconfig.build.json', '--outDir', work, ...flags],
      { cwd: root, stdio: 'pipe' },
    );
  } catch {
    // Type errors anywhere are the type check's matter; what counts here is what came out.
  }
  expect(existsSync(path.join(work, 'src/proxy/child.js'))).toBe(true);
  server = http.createServer((_, response) => {
    response.setHeader('content-type', 'text/event-stream');
    response.end('data: 1\n\n');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  target = { host: '127.0.0.1', port: (server.address() as net.AddressInfo).port };
}, 60_000);

afterAll(() => {
  server.closeAllConnections();
  server.close();
  rmSync(work, { recursive: true, force: true });
});

/** Runs `body` in a process of its own, with `target` and `load` at hand; its lines come one by one. */
function parentProcess(body: string): {
  kill(): void;
  line(): Promise<string>;
  exited: Promise<number | null>;
} {
  const script = `const target = ${JSON.stringify(target)};
const load = (name) => import(${JSON.stringify(`${work}/src/proxy/`)} + name);
${body}`;
  const child = spawn(process.execPath, ['--input-type=module', '--eval', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
    // What a killed parent cannot remove goes with the rest.
    env: { ...process.env, TMPDIR: work },
  });
  const lines: string[] = [];
  const waiting: ((line: string) => void)[] = [];
  let rest = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    const parts = (rest + text).split('\n');
    rest = parts.pop()!;
    for (const part of parts) (waiting.shift() ?? ((line) => lines.push(line)))(part);
  });
  return {
    kill: () => void child.kill('SIGKILL'),
    line: () =>
      lines.length > 0
        ? Promise.resolve(lines.shift()!)
        : new Promise((resolve) => waiting.push(resolve)),
    exited: new Promise((resolve) => child.once('exit', resolve)),
  };
}

function refuses(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = net.connect(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      resolve(false);
    });
    socket.once('error', () => resolve(true));
  });
}

async function untilRefused(port: number): Promise<void> {
  for (let i = 0; i < 200 && !(await refuses(port)); i++) {
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  expect(await refuses(port)).toBe(true);
}

const simulated = `const { startBufferingProxyProcess } = await load('child.js');
const proxy = await startBufferingProxyProcess({ kind: 'nginx', target });
console.log(proxy.port);
`;
const real = `const { startRealProxy } = await load('real/start.js');
const proxy = await startRealProxy({ kind: 'haproxy', target });
console.log(proxy.port);
`;

it('a simulated proxy answers, counts and closes from its own process', async () => {
  const parent = parentProcess(`${simulated}
const answer = await fetch('http://127.0.0.1:' + proxy.port);
console.log(JSON.stringify(await answer.text()));
console.log(JSON.stringify(await proxy.stats()));
await proxy.close();
`);
  const port = Number(await parent.line());
  expect(JSON.parse(await parent.line())).toBe('data: 1\n\n');
  expect(JSON.parse(await parent.line())).toMatchObject({ requests: 1, cut: 0 });
  expect(await parent.exited).toBe(0);
  expect(await refuses(port)).toBe(true);
});

it('from sources it runs in this process, with the same face', async () => {
  const proxy = await startBufferingProxyProcess({ kind: 'header-hold', target });
  const answer = await fetch(`http://127.0.0.1:${proxy.port}`);
  expect(await answer.text()).toBe('data: 1\n\n');
  expect(await proxy.stats()).toMatchObject({ requests: 1 });
  await proxy.close();
  expect(await refuses(proxy.port)).toBe(true);
});

it('a wrong setting comes back as the error it is', async () => {
  const parent = parentProcess(`
const { startBufferingProxyProcess } = await load('child.js');
await startBufferingProxyProcess({ kind: 'size', bytes: '4', target }).catch((error) =>
  console.log(JSON.stringify({ name: error.name, code: error.code, message: error.message })));
`);
  expect(JSON.parse(await parent.line())).toEqual({
    name: 'StreamgaugeError',
    code: 'proxy-settings',
    message: expect.stringContaining('proxy.bytes') as string,
  });
  expect(await parent.exited).toBe(0);
});

it('a simulated proxy ends when its parent is killed', async () => {
  const parent = parentProcess(simulated);
  const port = Number(await parent.line());
  expect(await refuses(port)).toBe(false);
  parent.kill();
  await untilRefused(port);
});

it('a real proxy ends when its parent is killed', async (context) => {
  const missing = whyMissing('haproxy');
  if (missing) return context.skip(missing);
  const parent = parentProcess(real);
  const port = Number(await parent.line());
  expect(await refuses(port)).toBe(false);
  parent.kill();
  await untilRefused(port);
});
