/** The proxy command, and a real client of the mock server through it. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import * as http from 'node:http';
import * as https from 'node:https';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import OpenAI from 'openai';
import { afterEach, describe, expect, it } from 'vitest';
import { startMock } from '../../../mock-server/index.ts';
import { proxyCommand } from '../../../src/cli/commands/proxy.ts';
import { realWorld, type World } from '../../../src/world.ts';

interface Announced {
  listen: { host: string; port: number; url: string | null };
  control: string | null;
  faults: unknown[];
}

interface Running {
  out(): string;
  err(): string;
  announced(): Announced;
  /** As Ctrl-C does. */
  interrupt(): Promise<void>;
}

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

async function run(...args: string[]): Promise<Running> {
  let out = '';
  let err = '';
  let announce = (): void => {};
  const announcement = new Promise<void>((resolve) => (announce = resolve));
  const real = realWorld();
  const world: World = {
    ...real,
    console: {
      ...real.console,
      stdout: (text) => {
        out += text;
        announce();
      },
      stderr: (text) => void (err += text),
    },
  };
  const before = new Set(process.listeners('SIGINT'));
  const done = proxyCommand(world)
    .exitOverride()
    .configureOutput({ writeOut: () => {}, writeErr: () => {} })
    .parseAsync(args, { from: 'user' });
  // Rejects where the command does; the rest of its life is awaited by `interrupt`.
  await Promise.race([done, announcement]);
  const [handler] = process.listeners('SIGINT').filter((listener) => !before.has(listener));
  let stopped = false;
  const interrupt = async (): Promise<void> => {
    if (!stopped) handler!('SIGINT');
    stopped = true;
    await done;
  };
  closers.push(interrupt);
  return {
    out: () => out,
    err: () => err,
    announced: () => JSON.parse(out.split('\n')[0]!) as Announced,
    interrupt,
  };
}

async function mock(options: Parameters<typeof startMock>[0] = {}) {
  const server = await startMock({
    ttft: '5ms',
    itl: '2ms',
    tokens: 40,
    seed: '7',
    ...options,
  });
  closers.push(() => server.close());
  return server;
}

/** The text of a streamed chat answer, by the official client. */
async function chat(baseURL: string): Promise<string> {
  const client = new OpenAI({ baseURL, apiKey: 'test', maxRetries: 0 });
  const stream = await client.chat.completions.create({
    model: 'gpt-5.4-mini',
    messages: [{ role: 'user', content: 'Say something long.' }],
    stream: true,
  });
  let text = '';
  for await (const chunk of stream) text += chunk.choices[0]?.delta.content ?? '';
  return text;
}

describe('streamgauge proxy', () => {
  it('passes an official client’s stream through a bad network, word for word', async () => {
    const server = await mock();
    const proxy = await run(
      '--upstream',
      server.baseUrl,
      '--seed',
      '3',
      '--json',
      '--fault',
      'delay: 4ms',
      '--fault',
      'jitter: { extra: "uniform(0ms, 6ms)" }',
      '--fault',
      'slicer: { size: "uniform(1B, 60B)", gap: 0ms }',
      '--fault',
      '{ kind: loss, rate: 3%, rtt: 4ms }',
    );
    const { listen } = proxy.announced();
    expect(listen.url).toBe(`http://127.0.0.1:${listen.port}/v1`);
    const text = await chat(listen.url!);
    expect(text).toBe(server.log()[0]!.transcript);
    expect(text.length).toBeGreaterThan(40);
    await proxy.interrupt();
    const end = JSON.parse(proxy.out().split('\n')[1]!) as {
      faults: { fired: number }[];
      connections: { total: number };
    };
    expect(end.connections.total).toBe(1);
    for (const index of [0, 1, 2]) expect(end.faults[index]!.fired).toBeGreaterThan(0);
  });

  it.each([
    ['any dialect', []],
    ['the one that it is told', ['--dialect', 'text-streams']],
  ])('finds the third token of %s', async (_, flags) => {
    const server = await mock();
    const fault = 'disconnect: { how: fin, after: { tokens: 3 } }';
    const proxy = await run('--upstream', server.baseUrl, '--json', '--fault', fault, ...flags);
    const answer = await fetch(`${proxy.announced().listen.url}/streams`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: 'Bearer k' },
      body: JSON.stringify({
        model: 'm',
        stream: true,
        messages: [{ role: 'user', content: 'Hello' }],
      }),
    });
    let text = '';
    const decoder = new TextDecoder();
    await expect(async () => {
      for await (const piece of answer.body!) text += decoder.decode(piece, { stream: true });
    }).rejects.toThrow();
    expect(text.match(/text-delta/g)).toHaveLength(3);
  });

  it('refuses a dialect that is none', async () => {
    const wrong = run('--upstream', '127.0.0.1:1', '--dialect', 'openai');
    await expect(wrong).rejects.toThrow(/Allowed choices are openai-chat/);
  });

  it('cuts an official client’s stream, and the target notices', async () => {
    const server = await mock({ itl: '20ms', tokens: 400 });
    const proxy = await run(
      '--upstream',
      server.baseUrl,
      '--json',
      '--fault',
      'disconnect: { how: rst, after: { bytes: 6kB } }',
    );
    await expect(chat(proxy.announced().listen.url!)).rejects.toThrow();
    await expect.poll(() => server.log().map((stream) => stream.end)).toEqual(['client_left']);
  });

  it('passes TLS untouched', async () => {
    const server = await mock({ tls: true });
    const proxy = await run('--upstream', server.secureBaseUrl!, '--json', '--fault', 'delay: 2ms');
    const { listen } = proxy.announced();
    expect(listen.url).toMatch(/^https:/);
    const { default: https } = await import('node:https');
    const status = await new Promise((resolve, reject) => {
      https
        .get(
          `${listen.url}/models`,
          {
            ca: server.certificate,
            servername: 'localhost',
            headers: { authorization: 'Bearer x' },
          },
          (response) => {
            response.resume();
            resolve(response.statusCode);
          },
        )
        .on('error', reject);
    });
    expect(status).toBe(200);
  });

  it('is changed over HTTP while it runs', async () => {
    const server = await mock();
    const proxy = await run('--upstream', `127.0.0.1:${server.port}`, '--control', '0', '--json');
    const { control, listen } = proxy.announced();
    const put = await fetch(`${control}/faults`, {
      method: 'PUT',
      body: JSON.stringify([{ disconnect: { how: 'rst', before: 'first_byte' } }]),
    });
    expect(put.status).toBe(200);
    await expect(
      new Promise((resolve, reject) => {
        http.get({ port: listen.port, path: '/v1/models' }, resolve).on('error', reject);
      }),
    ).rejects.toMatchObject({ code: 'ECONNRESET' });
    const status = (await (await fetch(`${control}/status`)).json()) as object;
    expect(status).toMatchObject({ endings: { rst: 1 }, faults: [{ fired: 1 }] });
  });

  it('speaks to people: where it listens on stdout, the rest on stderr, what never fired at the end', async () => {
    const proxy = await run('--upstream', '127.0.0.1:9', '--profile', 'lte-driving');
    expect(proxy.out()).toMatch(/^127\.0\.0\.1:\d+\n$/);
    expect(proxy.err()).toContain('outage on=exponential(2.5s)');
    await proxy.interrupt();
    expect(proxy.err()).toContain('0 connections');
    expect(proxy.err()).toMatch(/warning: fault 2 \(outage .*\) never fired/);
  });

  it('says that TLS needs the target’s name', async () => {
    const proxy = await run('--upstream', 'https://api.example.com/v1');
    expect(proxy.out()).toMatch(/^https:\/\/127\.0\.0\.1:\d+\/v1\n$/);
    expect(proxy.err()).toContain('--connect-to api.example.com:443:');
  });

  it('reads a link trace relative to where it is started', async () => {
    const file = path.join('test', 'fixtures', 'missing.down');
    await expect(
      run('--upstream', '127.0.0.1:9', '--fault', `link_trace: ${file}`),
    ).rejects.toMatchObject({ code: 'link-trace-invalid', exit: 'usage' });
  });

  it.each<[says: string, args: string[]]>([
    ['is not HOST:PORT', ['--upstream', 'a:b:c']],
    ['is not a port from 1 to 65535', ['--upstream', '127.0.0.1:0']],
    ['does not know ftp://', ['--upstream', 'ftp://127.0.0.1']],
    ['is not a port from 0 to 65535', ['--upstream', '127.0.0.1:9', '--listen', '70000']],
    ['is not a port from 0', ['--upstream', '127.0.0.1:9', '--control', 'x']],
    [
      '--fault number 1.one_way: "5" is not a duration',
      ['--upstream', '127.0.0.1:9', '--fault', 'delay: 5'],
    ],
    [
      'unknown key "rt" in --fault number 1',
      ['--upstream', '127.0.0.1:9', '--fault', 'delay: { rt: 5ms }'],
    ],
    [
      '--fault number 1[1].kind',
      ['--upstream', '127.0.0.1:9', '--fault', '[delay: 5ms, dely: 5ms]'],
    ],
    ['must name a fault', ['--upstream', '127.0.0.1:9', '--fault', 'delay']],
    ['cannot be read', ['--upstream', '127.0.0.1:9', '--fault', 'delay: {']],
    ['no network profile "lte"', ['--upstream', '127.0.0.1:9', '--profile', 'lte']],
  ])('refuses wrong usage: %s', async (says, args) => {
    await expect(run(...args)).rejects.toMatchObject({
      exit: 'usage',
      message: expect.stringContaining(says) as string,
    });
  });
});

describe('streamgauge proxy and TLS', () => {
  const cut = 'disconnect: { how: rst, after: { tokens: 7 } }';

  it('ends TLS so that a fault can look inside, and checks the upstream', async () => {
    const server = await mock({ tls: true });
    const caFile = path.join(mkdtempSync(path.join(tmpdir(), 'streamgauge-test-')), 'ca.pem');
    closers.push(() => rmSync(path.dirname(caFile), { recursive: true }));
    writeFileSync(caFile, server.certificate!);
    const proxy = await run(
      '--upstream',
      server.secureBaseUrl!,
      '--terminate-tls',
      '--upstream-ca',
      caFile,
      '--fault',
      cut,
      '--json',
    );
    const announced = proxy.announced() as Announced & { ca: string };
    const body = JSON.stringify({
      model: 'm',
      stream: true,
      messages: [{ role: 'user', content: 'x' }],
    });
    const seen = await new Promise<string>((resolve) => {
      let text = '';
      const request = https.request(
        `${announced.listen.url}/chat/completions`,
        {
          method: 'POST',
          ca: readFileSync(announced.ca),
          headers: { authorization: 'Bearer k', 'content-type': 'application/json' },
        },
        (response) => {
          response.on('data', (bytes: Buffer) => (text += bytes.toString()));
          response.on('error', () => {});
          response.on('close', () => resolve(text));
          response.on('end', () => resolve(`${text} (ended)`));
        },
      );
      // Of a reset both learn, the request first; where it comes with the last bytes, the response alone.
      request.on('error', () => resolve(text));
      request.end(body);
    });
    expect(seen.match(/"content":"[^"]/g) ?? seen).toHaveLength(7);
    expect(seen).not.toContain('(ended)');
    await proxy.interrupt();
    expect(existsSync(announced.ca)).toBe(false);
  });

  it.each([
    [['--upstream', 'https://api.test', '--fault', cut], /only ciphertext/],
    [['--upstream', 'api.test:443', '--fault', cut], /only ciphertext/],
    [['--upstream', 'http://api.test', '--terminate-tls'], /no TLS to end/],
    [['--upstream', 'https://api.test', '--tls-cert', 'x.pem'], /go together/],
    [['--upstream', 'https://api.test', '--upstream-ca', 'x.pem'], /for TLS that ends here/],
    [
      [
        '--upstream',
        'http://api.test',
        '--fault',
        'disconnect: { how: h2_reset, before: headers }',
      ],
      /this is HTTP\/1.1/,
    ],
    [
      ['--upstream', 'ws://api.test', '--fault', 'disconnect: { how: no_final_chunk }'],
      /a WebSocket has none/,
    ],
  ])('%j is refused', async (args, message) => {
    await expect(run(...args)).rejects.toThrow(message);
  });

  it('refuses by its HTTP API what cannot happen, and keeps the faults it had', async () => {
    const server = await mock({ tls: true });
    const proxy = await run(
      '--upstream',
      server.secureBaseUrl!,
      '--fault',
      'delay: 1ms',
      '--control',
      '0',
      '--json',
    );
    const url = `${proxy.announced().control}/faults`;
    const answer = await fetch(url, {
      method: 'PUT',
      body: JSON.stringify([{ disconnect: { how: 'rst', after: { tokens: 3 } } }]),
    });
    expect(answer.status).toBe(400);
    const { errors } = (await answer.json()) as { errors: { code: string; hints: string[] }[] };
    expect(errors[0]!.code).toBe('fault-mismatch');
    expect(errors[0]!.hints.join()).toContain('--terminate-tls');
    expect(await (await fetch(url)).json()).toEqual({
      faults: [{ kind: 'delay', one_way: '1ms' }],
    });
  });
});
