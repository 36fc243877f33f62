import * as net from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startControl, type ControlServer } from '../../../../src/fault/relay/control-api.ts';
import { startFaultProxy, type FaultProxy } from '../../../../src/fault/relay/fault-proxy.ts';
import { parseFaults } from '../../../../src/fault/registry.ts';

let echo: net.Server;
let proxy: FaultProxy;
let control: ControlServer;

beforeEach(async () => {
  echo = net.createServer({ noDelay: true }, (socket) => {
    socket.on('error', () => {});
    socket.pipe(socket);
  });
  await new Promise<void>((resolve) => echo.listen(0, '127.0.0.1', resolve));
  proxy = await startFaultProxy({
    target: { host: '127.0.0.1', port: (echo.address() as net.AddressInfo).port },
    faults: parseFaults([{ delay: '1ms' }]),
    seed: 'test',
    environment: { readText: () => '10\n', baseDirectory: '/' },
  });
  control = await startControl(proxy, { host: '127.0.0.1', port: 0 });
});

afterEach(async () => {
  await control.close();
  await proxy.close();
  await new Promise((resolve) => echo.close(resolve));
});

async function ask(
  method: string,
  path: string,
  body?: unknown,
): Promise<{ status: number; body: Record<string, unknown> & { errors?: Problem[] } }> {
  const response = await fetch(`${control.url}${path}`, {
    method,
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  expect(response.headers.get('content-type')).toBe('application/json');
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}

interface Problem {
  code: string;
  message: string;
  hints: string[];
}

/** Sends through the proxy and waits for the echo; the open socket. */
async function talk(text = 'hello'): Promise<net.Socket> {
  const socket = net.connect(proxy.port, '127.0.0.1');
  socket.on('error', () => {});
  const got = new Promise((resolve) => socket.once('data', resolve));
  socket.write(text);
  await got;
  return socket;
}

describe('the control API', () => {
  it('tells what happened', async () => {
    const socket = await talk();
    const { status, body } = await ask('GET', '/status');
    expect(status).toBe(200);
    expect(body).toMatchObject({
      connections: { total: 1, open: 1, upstreamFailed: 0 },
      bytes: { client_to_target: { read: 5, delivered: 5 } },
      faults: [{ fault: { kind: 'delay', one_way: '1ms' }, fired: 2 }],
    });
    socket.destroy();
  });

  it('gives and takes faults, also for running connections', async () => {
    const socket = await talk();
    expect((await ask('GET', '/faults')).body).toEqual({
      faults: [{ kind: 'delay', one_way: '1ms' }],
    });
    const put = await ask('PUT', '/faults', [{ disconnect: { how: 'rst', before: 'first_byte' } }]);
    expect(put).toEqual({
      status: 200,
      body: { faults: [{ kind: 'disconnect', how: 'rst', before: 'first_byte' }] },
    });
    const reset = new Promise((resolve) => socket.once('error', resolve));
    socket.write('hello');
    expect(await reset).toMatchObject({ code: 'ECONNRESET' });
  });

  it('takes a profile, with faults behind it', async () => {
    const { body } = await ask('PUT', '/faults', {
      profile: 'devtools-slow-3g',
      faults: [{ slicer: '9B' }],
    });
    expect(body).toEqual({
      faults: [
        { kind: 'bandwidth', up: '400kbps', down: '400kbps' },
        { kind: 'delay', rtt: '400ms' },
        { kind: 'slicer', size: '9B' },
      ],
    });
  });

  it('resets to the faults of the start and counts from 0', async () => {
    const socket = await talk();
    await ask('PUT', '/faults', []);
    const { body } = await ask('POST', '/reset');
    expect(body).toMatchObject({
      connections: { total: 0, open: 1 },
      bytes: { target_to_client: { read: 0, delivered: 0 } },
      faults: [{ fault: { kind: 'delay' }, fired: 0 }],
    });
    socket.destroy();
  });

  it('ends every open connection, in the way asked for', async () => {
    const socket = await talk();
    const reset = new Promise((resolve) => socket.once('error', resolve));
    expect((await ask('DELETE', '/connections')).body).toEqual({ dropped: 1 });
    expect(await reset).toMatchObject({ code: 'ECONNRESET' });
    const other = await talk();
    const fin = new Promise<void>((resolve) => other.once('end', () => resolve()));
    expect((await ask('DELETE', '/connections?how=fin')).body).toEqual({ dropped: 1 });
    await fin;
  });

  it.each<
    [name: string, method: string, path: string, body: unknown, status: number, says: string]
  >([
    [
      'a mistyped fault',
      'PUT',
      '/faults',
      [{ dealy: '5ms' }],
      400,
      'faults[0].kind must be one of',
    ],
    ['a missing unit', 'PUT', '/faults', [{ delay: '5' }], 400, 'did you mean "5ms"'],
    ['an unknown key', 'PUT', '/faults', [{ delay: { rt: '5ms' } }], 400, 'unknown key "rt"'],
    ['an unknown profile', 'PUT', '/faults', { profile: '5g' }, 400, 'no network profile "5g"'],
    ['an unknown key around', 'PUT', '/faults', { fault: [] }, 400, 'unknown key "fault"'],
    ['nothing', 'PUT', '/faults', {}, 400, 'profile or faults is needed'],
    ['a number', 'PUT', '/faults', 5, 400, 'must be a list of faults'],
    ['no JSON', 'PUT', '/faults', '[{', 400, 'not JSON'],
    ['a huge body', 'PUT', '/faults', `"${'x'.repeat(300_000)}"`, 413, 'over'],
    ['an unknown path', 'GET', '/state', undefined, 404, 'there is no /state'],
    ['a path of every object', 'GET', '/constructor', undefined, 404, 'there is no'],
    ['a wrong method', 'DELETE', '/faults', undefined, 405, 'knows no DELETE'],
    ['a wrong way to drop', 'DELETE', '/connections?how=x', undefined, 400, 'how must be one of'],
  ])(
    'answers %s with what is wrong, and changes nothing',
    async (_, method, path, body, status, says) => {
      const answer = await ask(method, path, body);
      expect(answer.status).toBe(status);
      const [problem] = answer.body.errors!;
      expect(`${problem!.message} ${problem!.hints.join(' ')}`).toContain(says);
      expect(proxy.faults).toEqual([{ kind: 'delay', one_way: '1ms' }]);
    },
  );

  it('names every problem of a list', async () => {
    const { body } = await ask('PUT', '/faults', [{ delay: '5' }, { jitter: {} }]);
    expect(body.errors!.map(({ message }) => message)).toEqual([
      expect.stringContaining('faults[0].one_way'),
      expect.stringContaining('"extra" is missing in faults[1]'),
    ]);
  });

  it('keeps the old faults where a new one names a file that cannot be used', async () => {
    const made = await startFaultProxy({
      target: { host: '127.0.0.1', port: 1 },
      faults: [],
      seed: 'x',
      environment: { readText: () => 'rubbish', baseDirectory: '/' },
    });
    expect(() => made.setFaults(parseFaults([{ link_trace: 'x' }]))).toThrow('not a time in ms');
    expect(made.faults).toEqual([]);
    await made.close();
  });
});
