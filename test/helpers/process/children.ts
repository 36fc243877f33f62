/** The children that are held to test/contract/child-processes.test.ts, as code for a parent process. */
import { fileURLToPath } from 'node:url';
import { parentProcess, type ParentOptions, type ParentProcess } from './parent-process.ts';

export interface ChildKind {
  /** As messages name it. */
  name: string;
  code: string;
  /** An expression: starts the child. `target` is an address, `load` imports from the build. */
  start: string;
  /** An expression: starts one that fails, with a hint. */
  fail: string;
  /** An expression: asks `child` something. */
  ask: string;
}

const toyModule = fileURLToPath(new URL('toy-service.js', import.meta.url));
const startToy = (request: string): string =>
  `(await load('src/process/start-service.js')).startService((await import(${JSON.stringify(toyModule)})).service, ${request})`;
const startMock = (options: string): string =>
  `(await load('mock-server/mock-process.js')).startMockProcess(${options})`;
const startProxy = (settings: string): string =>
  `(await load('src/proxy/proxy-process.js')).startBufferingProxyProcess({ ${settings}, target })`;
const startRelay = (faults: string): string =>
  `(await load('src/engine/relay-process.js')).startRelayProcess({ faults: ${faults}, seed: '1', target })`;

export const childKinds: Readonly<Record<string, ChildKind>> = {
  toy: {
    name: 'the toy',
    code: 'toy',
    start: startToy('{}'),
    fail: startToy('{ fail: true }'),
    ask: `child.ask('about')`,
  },
  mock: {
    name: 'the mock server',
    code: 'mock',
    start: startMock(`{ profile: 'instant' }`),
    fail: startMock(`{ ttft: 'soon' }`),
    ask: 'child.stats()',
  },
  relay: {
    name: 'the network relay',
    code: 'relay',
    start: startRelay(`[{ kind: 'delay', rtt: '10ms' }]`),
    fail: startRelay(`[{ kind: 'link_trace', file: 'no-such-trace' }]`),
    ask: 'child.effects()',
  },
  proxy: {
    name: 'the simulated proxy',
    code: 'proxy',
    start: startProxy(`kind: 'nginx'`),
    fail: startProxy(`kind: 'size', bytes: '4'`),
    ask: 'child.stats()',
  },
};

/** Notes the number of every process that is started, by any code. */
const notePids = `const { createRequire, syncBuiltinESMExports } = await import('node:module');
const childProcess = createRequire(process.cwd() + '/x.js')('node:child_process');
const { spawn } = childProcess;
const started = [];
childProcess.spawn = (...given) => {
  const child = spawn(...given);
  started.push(child.pid);
  return child;
};
syncBuiltinESMExports();`;

const functions = (of: 'start' | 'fail' | 'ask', parameter: string): string =>
  Object.entries(childKinds)
    .map(([name, kind]) => `${name}: async (${parameter}) => ${kind[of]}`)
    .join(',\n');

/**
 * A parent that knows how to `start`, `fail` and `ask` one child of each kind, by name.
 *
 * `ofEach(action)` does something for every name, all at the same time, and gives the results by name.
 */
const family = `const start = { ${functions('start', '')} };
const fail = { ${functions('fail', '')} };
const ask = { ${functions('ask', 'child')} };
const names = Object.keys(start);
const ofEach = async (action) => Object.fromEntries(
  await Promise.all(names.map(async (name) => [name, await action(name)])));
const children = {};
const pids = {};
const startAll = async (of = names) => {
  for (const name of of) {
    children[name] = await start[name]();
    pids[name] = started.pop();
    // Throws where there is none.
    process.kill(pids[name], 0);
  }
  say(pids);
};`;

/**
 * Runs `body` in such a parent. `startAll()` fills `children` and `pids`, and says `pids`; given names,
 * with these alone.
 */
export function parentOfAll(body: string, options: ParentOptions = {}): ParentProcess {
  return parentProcess(`${notePids}\n${family}\n${body}`, {
    ...options,
    // No connection is made.
    values: { target: { host: '127.0.0.1', port: 9 } },
  });
}

/** The same for every kind. */
export function forEach<Value>(value: (kind: ChildKind) => Value): Record<string, Value> {
  return Object.fromEntries(
    Object.entries(childKinds).map(([name, kind]) => [name, value(kind)] as const),
  );
}
