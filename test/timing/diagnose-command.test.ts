/**
 * The verdicts of the command as a user runs it: the built program, against real servers. What it says
 * where there is nothing to judge is in test/e2e/diagnose.test.ts.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import * as http from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { diagnosisSchema, type Diagnosis } from '../../src/diagnose/diagnosis.ts';
import { diagnose } from '../../src/index.ts';
import { startBufferingProxy, type BufferingProxyOptions } from '../../src/proxy/server.ts';
import { mockForTest } from '../e2e/mock-server/harness.ts';

interface Ended {
  code: number | null;
  out: string;
  err: string;
}

function run(
  args: readonly string[],
  options: { env?: Record<string, string>; interruptWhen?: RegExp } = {},
): Promise<Ended> {
  const child = spawn(process.execPath, ['bin/streamgauge.js', 'diagnose', ...args], {
    env: { ...process.env, OPENAI_API_KEY: '', NO_COLOR: '1', ...options.env },
  });
  let out = '';
  let err = '';
  child.stdout.on('data', (part: Buffer) => (out += part.toString()));
  let interrupted = false;
  child.stderr.on('data', (part: Buffer) => {
    err += part.toString();
    if (interrupted || !options.interruptWhen?.test(err)) return;
    interrupted = true;
    setTimeout(() => child.kill('SIGINT'), 1500);
  });
  return new Promise((resolve) => child.once('close', (code) => resolve({ code, out, err })));
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

/** One event each 20 ms. */
function stream(response: http.ServerResponse, events: number, end = true): void {
  let sent = 0;
  const timer = setInterval(() => {
    response.write(
      `data: {"n":${(sent += 1)},"text":"${'x'.repeat(150 + ((sent * 37) % 60))}"}\n\n`,
    );
    if (sent < events) return;
    clearInterval(timer);
    if (end) response.end();
  }, 20);
  response.on('close', () => clearInterval(timer));
}

async function proxied(settings: BufferingProxyOptions): Promise<string> {
  const proxy = await startBufferingProxy(settings);
  onTestFinished(() => proxy.close());
  return `http://127.0.0.1:${proxy.port}`;
}

const slow = { timeout: 120_000 };
const model = { ttft: '60ms', itl: '20ms', tokens: 80 };

describe('streamgauge diagnose', slow, () => {
  it('exits with 0 where it streams, and with its result alone on stdout', slow, async () => {
    const mock = await mockForTest(model);
    const { code, out, err } = await run([
      mock.baseUrl,
      '--dialect',
      'openai-chat',
      '--format',
      'json',
      '--budget',
      '12s',
    ]);
    const diagnosis = diagnosisSchema.parse(JSON.parse(out));
    expect(diagnosis.verdict.kind).toBe('streams');
    expect(diagnosis.url).toBe(`${mock.baseUrl}/chat/completions`);
    expect(err).toContain('probe 1: as asked');
    expect(code).toBe(0);
  });

  it('exits with 99 where a proxy buffers, and writes every format', slow, async () => {
    const mock = await mockForTest(model);
    const url = await proxied({ kind: 'nginx', target: { host: '127.0.0.1', port: mock.port } });
    const directory = mkdtempSync(join(tmpdir(), 'streamgauge-test-'));
    onTestFinished(() => rmSync(directory, { recursive: true }));
    const { code, out } = await run([
      `${url}/v1`,
      '--dialect',
      'openai-responses',
      '--direct',
      mock.baseUrl,
      '--format',
      'json,html,markdown',
      '--out',
      directory,
      '--budget',
      '15s',
      '--quiet',
    ]);
    expect(code).toBe(99);
    expect(out).toContain('4,096 B');
    expect(out).toContain('proxy_buffering off;');
    const files = readdirSync(directory);
    expect(files).toHaveLength(3);
    const json = files.find((file) => file.endsWith('.json'))!;
    const diagnosis = JSON.parse(readFileSync(join(directory, json), 'utf8')) as Diagnosis;
    expect(diagnosis.verdict).toMatchObject({ kind: 'buffered_by_size', size_bytes: 4096 });
    expect(diagnosis.suspects[0]!.component).toBe('nginx');
    expect(diagnosis.cost!.method).toBe('measured against the direct path');
    expect(diagnosis.cost!.held_ms).toBeGreaterThan(50);
  });

  it(
    'takes a stream that the user describes, with headers from the environment',
    slow,
    async () => {
      const asked: string[] = [];
      const url = await serve((request, response) => {
        asked.push(`${request.method} ${request.headers.authorization}`);
        response.writeHead(200, { 'content-type': 'application/x-ndjson' });
        let sent = 0;
        const timer = setInterval(() => {
          response.write(`${JSON.stringify({ sent: (sent += 1) })}\n`);
          if (sent === 60) {
            clearInterval(timer);
            response.end();
          }
        }, 15);
      });
      const { code, out } = await run(
        [
          url,
          '--body',
          '{"stream":true}',
          '-H',
          'Authorization: Bearer ${MY_KEY}',
          '--format',
          'json',
          '--budget',
          '10s',
          '--repeat',
          '1',
        ],
        { env: { MY_KEY: 'sesame' } },
      );
      expect(new Set(asked.filter((line) => line.startsWith('POST')))).toEqual(
        new Set(['POST Bearer sesame']),
      );
      expect(out).not.toContain('sesame');
      const diagnosis = JSON.parse(out) as Diagnosis;
      expect(diagnosis.verdict.kind).toBe('streams');
      expect(diagnosis.probes[0]!.events).toBe(60);
      expect(code).toBe(0);
    },
  );

  it('shows what it has when it is interrupted', slow, async () => {
    const url = await serve((_, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      stream(response, 500);
    });
    const { code, out } = await run([url, '--format', 'json'], { interruptWhen: /probe 1/ });
    expect(code).toBe(105);
    const diagnosis = JSON.parse(out) as Diagnosis;
    expect(diagnosis.spent.partial).toBe(true);
    expect(diagnosis.probes[0]!.events).toBeGreaterThan(20);
    expect(diagnosis.verdict.kind).toBe('streams');
  });

  it('follows a redirect, and says so', slow, async () => {
    const url = await serve((request, response) => {
      if (request.url === '/moved') {
        response.writeHead(307, { location: '/stream' }).end();
        return;
      }
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      stream(response, 60);
    });
    const { code, out } = await run([`${url}/moved`, '--budget', '8s', '--repeat', '1', '-q']);
    expect(out.replaceAll(/\s+/g, ' ')).toContain('redirects to');
    expect(code).toBe(0);
  });

  it('stops where the target begins to refuse, and judges what it saw', slow, async () => {
    let asked = 0;
    const url = await serve((_, response) => {
      asked += 1;
      if (asked > 2) {
        response.writeHead(429).end();
        return;
      }
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      stream(response, 60);
    });
    const { code, out } = await run([url, '--format', 'json', '-q']);
    const diagnosis = JSON.parse(out) as Diagnosis;
    expect(code).toBe(0);
    // HTTP/2 in clear text never becomes a request there.
    expect(asked).toBeLessThanOrEqual(diagnosis.spent.requests);
    expect(diagnosis.spent.requests).toBeLessThan(6);
    expect(diagnosis.spent.partial).toBe(true);
    expect(diagnosis.notes.join()).toContain('429');
  });

  it('speaks TLS and HTTP/2 with a certificate authority that is given', slow, async () => {
    const mock = await mockForTest({ ...model, tls: true });
    const directory = mkdtempSync(join(tmpdir(), 'streamgauge-test-'));
    onTestFinished(() => rmSync(directory, { recursive: true }));
    const ca = join(directory, 'ca.pem');
    writeFileSync(ca, mock.certificate!);
    const { code, out } = await run([
      mock.secureBaseUrl!,
      '--dialect',
      'openai-chat',
      '--ca',
      ca,
      '--format',
      'json',
      '--budget',
      '14s',
      '--repeat',
      '1',
      '-q',
    ]);
    const diagnosis = JSON.parse(out) as Diagnosis;
    expect(code).toBe(0);
    const http2 = diagnosis.probes.find((probe) => probe.name === 'HTTP/2');
    expect(http2).toMatchObject({ http_version: '2', status: 200 });
    expect(http2!.events).toBeGreaterThan(20);
  });
});

describe('the library', slow, () => {
  it(
    'finds the time after which a silent stream is cut, and whether comments help',
    slow,
    async () => {
      const mock = await mockForTest(model);
      const proxied1 = await proxied({
        kind: 'nginx',
        buffering: 'off',
        read_timeout: '1500ms',
        target: { host: '127.0.0.1', port: mock.port },
      });
      const diagnosis = await diagnose({
        url: `${proxied1}/v1`,
        dialect: 'openai-chat',
        budgetMs: 30_000,
        repeat: 1,
      });
      expect(diagnosis.verdict.kind).toBe('cut_when_idle');
      expect(diagnosis.verdict.limit_ms).toBeGreaterThan(1350);
      expect(diagnosis.verdict.limit_ms).toBeLessThan(1900);
      expect(diagnosis.verdict.confidence).toBe('high');
      const helped = diagnosis.probes.find((probe) => probe.name === 'silence with heartbeat');
      expect(helped!.end).toBe('complete');
    },
  );
});
