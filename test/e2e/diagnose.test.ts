/**
 * The command as a user runs it, where there is nothing to judge. Its verdicts on streams need real time
 * that is not disturbed: test/timing/diagnose-command.test.ts.
 */
import { spawn } from 'node:child_process';
import * as http from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { makeProgram } from '../../src/cli/main.ts';
import { memoryWorld } from '../helpers/memory-world.ts';
import { mockForTest } from './mock-server/harness.ts';

interface Ended {
  code: number | string | null | undefined;
  out: string;
  err: string;
}

/** The built program. */
function run(args: readonly string[]): Promise<Ended> {
  const child = spawn(process.execPath, ['bin/streamgauge.js', 'diagnose', ...args], {
    env: { ...process.env, OPENAI_API_KEY: '', NO_COLOR: '1' },
  });
  let out = '';
  let err = '';
  child.stdout.on('data', (part: Buffer) => (out += part.toString()));
  child.stderr.on('data', (part: Buffer) => (err += part.toString()));
  return new Promise((resolve) => child.once('close', (code) => resolve({ code, out, err })));
}

/** The same without starting a process for it. */
async function inProcess(args: readonly string[]): Promise<Ended> {
  const world = memoryWorld();
  const before = process.exitCode;
  try {
    await makeProgram(world).parseAsync(['node', 'streamgauge', 'diagnose', ...args]);
    return { code: process.exitCode, out: world.out(), err: world.err() };
  } finally {
    process.exitCode = before;
  }
}

type Handler = (request: http.IncomingMessage, response: http.ServerResponse) => void;

async function serve(handler: Handler): Promise<string> {
  const server = http.createServer(handler);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

describe('streamgauge diagnose', () => {
  it.each<[string, number, string]>([
    ['/json', 97, 'one JSON document'],
    ['/page', 97, 'HTML page'],
    ['/secret', 97, 'Needs credentials'],
    ['/busy', 97, 'Rate-limited'],
    ['/few', 97, 'too few to judge'],
    ['/empty', 97, 'without a body'],
  ])('says plainly what %s is', async (path, exit, text) => {
    const url = await serve((request, response) => {
      const answer = (status: number, headers: http.OutgoingHttpHeaders, body = ''): void =>
        void response.writeHead(status, headers).end(body);
      switch (request.url) {
        case '/json':
          return answer(200, { 'content-type': 'application/json' }, '{"answer":"no stream"}');
        case '/page':
          return answer(200, { 'content-type': 'text/html' }, '<h1>Sign in</h1>');
        case '/secret':
          return answer(401, {}, 'who are you?');
        case '/busy':
          return answer(429, { 'retry-after': '9' });
        case '/empty':
          return answer(204, {});
        default:
          // Too few events to judge.
          response.writeHead(200, { 'content-type': 'text/event-stream' });
          for (let i = 0; i < 4; i++) response.write(`data: ${i}\n\n`);
          response.end();
      }
    });
    const { code, out } = await inProcess([
      `${url}${path}`,
      '--budget',
      '8s',
      '--repeat',
      '1',
      '-q',
    ]);
    expect(out.replaceAll(/\s+/g, ' ')).toContain(text);
    expect(code).toBe(exit);
  });

  it('exits with 95 where no server listens, and where TLS fails', async () => {
    const refused = await run(['http://127.0.0.1:1/', '-q']);
    expect(refused.code).toBe(95);
    expect(refused.err).toContain('ECONNREFUSED');
    const mock = await mockForTest({ tls: true });
    const url = mock.secureBaseUrl!;
    const untrusted = await run([url, '--dialect', 'openai-chat', '-q']);
    expect(untrusted.code).toBe(95);
    expect(untrusted.err).toContain('--insecure');
  });
});
