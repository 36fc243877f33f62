/**
 * What holds for every child process, the toy of the tests among them: how it answers, and that it is
 * gone with its parent, however that ends. Runs the build: `npm run build` after a change.
 */
import * as net from 'node:net';
import { expect, it } from 'vitest';
import { forEach, parentOfAll } from '../helpers/process/children.ts';
import type { ParentProcess } from '../helpers/process/parent-process.ts';
import { processes, untilGone, type ProcessRow } from '../helpers/process/processes.ts';

/** A test waits for up to a dozen starts of Node, while the machine may do other work. */
const timeout = 60_000;

const all = Object.keys(forEach(() => 0));

async function pidsOf(parent: ParentProcess, names: readonly string[] = all): Promise<number[]> {
  const pids = Object.values((await parent.next()) as Record<string, number>);
  expect(new Set(pids).size).toBe(names.length);
  return pids;
}

function alive(pids: readonly number[]): ProcessRow[] {
  return processes().filter(({ pid }) => pids.includes(pid));
}

/** A port that no process listens at just now. */
async function freePort(): Promise<number> {
  const server = net.createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as net.AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

it('children answer many questions at once, and let their parent end', { timeout }, async () => {
  const parent =
    parentOfAll(`const goOn = new Promise((resolve) => process.once('SIGUSR2', resolve));
await startAll();
say(await ofEach(async (name) => {
  const questions = Array.from({ length: 50 }, () => ask[name](children[name]));
  return (await Promise.all(questions)).filter((answer) => typeof answer === 'object').length;
}));
await goOn;
await ofEach((name) => children[name].close());
say(await ofEach((name) => ask[name](children[name]).catch((error) => error.message)));`);
  const pids = await pidsOf(parent);
  expect(await parent.next()).toEqual(forEach(() => 50));
  // Each leads a group: a Ctrl-C at the terminal, or `timeout`, reaches the parent alone.
  const children = alive(pids);
  expect(children.map(({ group }) => group)).toEqual(children.map(({ pid }) => pid));
  parent.process.kill('SIGUSR2');
  expect(await parent.next()).toEqual(forEach(({ name }) => `${name} has been closed`));
  expect(await parent.exited).toEqual({ code: 0, signal: null });
  expect(alive(pids)).toEqual([]);
  expect(parent.stderr()).toBe('');
});

it('one that cannot start says why and what to do', { timeout }, async () => {
  const parent = parentOfAll(`say(await ofEach((name) => fail[name]().catch((error) => ({
  name: error.name, code: error.code, exit: error.exit, hints: error.hints,
}))));`);
  const errors = (await parent.next()) as Record<string, { hints: string[]; code: string }>;
  expect(errors).toMatchObject({
    toy: { code: 'toy-refused', exit: 'scenarioInvalid' },
    mock: { code: 'mock-option-invalid', exit: 'usage' },
    relay: { code: 'link-trace-invalid', exit: 'usage' },
    proxy: { code: 'proxy-settings', exit: 'usage' },
  });
  for (const error of Object.values(errors)) {
    expect(error).toMatchObject({ name: 'StreamgaugeError' });
  }
  expect(errors['toy']!.hints).toEqual(['ask for something else', 'or not at all']);
  // Their processes are gone, or the parent would stay.
  expect(await parent.exited).toEqual({ code: 0, signal: null });
});

it('one that is killed fails what is asked, and tells who listens', { timeout }, async () => {
  const parent = parentOfAll(`await startAll();
const heard = {};
for (const name of names) children[name].onExit((error) => (heard[name] = error.message));
const asked = ofEach((name) => {
  process.kill(pids[name], 'SIGKILL');
  return ask[name](children[name]).catch((error) => [error.code, error.message]);
});
say(await asked);
say(heard);
await ofEach((name) => children[name].close());`);
  await pidsOf(parent);
  const message = (name: string): string => `${name} ended unexpectedly (signal SIGKILL)`;
  const failed = forEach(({ name, code }) => [`${code}-ended`, message(name)]);
  expect(await parent.next()).toEqual(failed);
  expect(await parent.next()).toEqual(forEach(({ name }) => message(name)));
  expect(await parent.exited).toEqual({ code: 0, signal: null });
});

it('one that is stopped does not hold up its parent', { timeout }, async () => {
  const parent = parentOfAll(`await startAll();
await ofEach((name) => process.kill(pids[name], 'SIGSTOP') && children[name].close());`);
  const pids = await pidsOf(parent);
  expect(await parent.exited).toEqual({ code: 0, signal: null });
  expect(alive(pids)).toEqual([]);
});

// Every child when its parent is killed. It hears the same of every end: so the toy for the other ways.
it.each([
  ['is killed', all, `process.kill(process.pid, 'SIGKILL')`, { code: null, signal: 'SIGKILL' }],
  [
    'loses its terminal',
    ['toy'],
    `process.kill(process.pid, 'SIGHUP')`,
    { code: null, signal: 'SIGHUP' },
  ],
  ['exits', ['toy'], 'process.exit(7)', { code: 7, signal: null }],
  [
    'throws',
    ['toy'],
    `setImmediate(() => { throw new Error('a defect'); })`,
    { code: 1, signal: null },
  ],
])('children are gone when their parent %s', { timeout }, async (_, names, end, ended) => {
  const parent = parentOfAll(`const these = ${JSON.stringify(names)};
await startAll(these);
// One of them receives nothing any more.
children.deaf = await start.toy();
children.deaf.ask('busyForever').catch(() => {});
await Promise.all(these.map((name) => ask[name](children[name])));
say(started);
setTimeout(() => ${end}, 200);`);
  const pids = await pidsOf(parent, names);
  const [deaf] = (await parent.next()) as [number];
  expect(await parent.exited).toEqual(ended);
  expect(await untilGone([deaf, ...pids])).toEqual([]);
});

// As a flag, it is every child's parent that keeps it back; the environment is one place's business.
it.each([
  ['as a flag', all],
  ['in NODE_OPTIONS', ['toy']],
] as const)(
  'children do not get the --inspect of their parent, given %s',
  { timeout },
  async (way, names) => {
    const inspect = `--inspect=127.0.0.1:${await freePort()}`;
    const parent = parentOfAll(
      `await startAll(${JSON.stringify(names)}); say(await children.toy.ask('about')); process.exit(0);`,
      way === 'as a flag'
        ? { flags: [inspect, '--stack-size=900'] }
        : { env: { NODE_OPTIONS: `${inspect} --max-old-space-size=333` } },
    );
    await pidsOf(parent, names);
    expect(await parent.next()).toMatchObject({ inspector: null, execArgv: [] });
    await parent.exited;
    // Children write to the same stderr: one debugger listens, and no other found its port taken.
    expect(parent.stderr().match(/Debugger listening/g)).toHaveLength(1);
    expect(parent.stderr()).not.toContain('address already in use');
  },
);

it(
  'children get no keys, and the options of Node that are meant for all',
  { timeout },
  async () => {
    const parent = parentOfAll(
      `children.toy = await start.toy(); say((await children.toy.ask('about')).env); process.exit(0);`,
      {
        env: {
          OPENAI_API_KEY: 'sk-secret',
          MY_OWN_TOKEN: 'secret',
          LC_ALL: 'C',
          NODE_OPTIONS: '--inspect=127.0.0.1:0 --max-old-space-size=333',
        },
      },
    );
    const env = (await parent.next()) as Record<string, string>;
    expect(env).toMatchObject({
      PATH: process.env['PATH'],
      LC_ALL: 'C',
      NODE_OPTIONS: '--max-old-space-size=333',
    });
    expect(Object.values(env).filter((value) => value.includes('secret'))).toEqual([]);
  },
);
