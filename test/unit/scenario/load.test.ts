import { describe, expect, it } from 'vitest';
import { StreamgaugeError } from '../../../src/errors.ts';
import { loadScenario, planFromObject } from '../../../src/scenario/load.ts';
import { memoryWorld } from '../../helpers/memory-world.ts';
import { describeMatrix, describeProxy } from '../../../src/scenario/describe.ts';
import { load, minimal, mistakes } from '../../helpers/scenario.ts';

describe('a minimal scenario', () => {
  it('gets every default', () => {
    const plan = load(minimal);
    expect(plan).toMatchObject({
      name: 'scenario',
      seed: '1',
      trials: 1,
      gates: [],
      mock: {},
      file: '/work-folder/scenario.yaml',
    });
    expect(plan.arms).toHaveLength(1);
    expect(plan.arms[0]).toMatchObject({
      name: 'sse',
      target: { kind: 'mock' },
      dialect: 'openai-chat',
      transport: 'sse',
      via: 'wire',
      http: { version: '1.1' },
      tls: { rejectUnauthorized: true, ca: undefined },
      apiKey: undefined,
      network: undefined,
      dialectOptions: {},
      timeouts: { connectMs: 10_000, idleMs: 60_000, totalMs: 600_000 },
      load: {
        shape: { kind: 'closed', sessions: 2 },
        durationMs: 5000,
        warmupMs: 0,
        cooldownMs: 0,
        gracefulStopMs: 30_000,
        maxConcurrency: undefined,
        maxWaiting: undefined,
      },
      session: { steps: [{ kind: 'ask', prompt: 'Hello', maxTokens: undefined, tools: [] }] },
      mock: {},
    });
  });

  it('means the same as JSON', () => {
    const json = JSON.stringify({
      $schema: 'x',
      target: 'mock',
      load: { kind: 'closed', sessions: 2, duration: '5s' },
      prompt: 'Hello',
    });
    expect(load(json).arms).toEqual(load(minimal).arms);
  });

  it('means the same as an object', () => {
    const plan = planFromObject(
      { target: 'mock', load: { kind: 'closed', sessions: 2, duration: '5s' }, prompt: 'Hello' },
      memoryWorld(),
    );
    expect(plan.arms).toEqual(load(minimal).arms);
    expect(plan.file).toBe('');
  });
});

describe('arms', () => {
  const text = `target: mock
dialect: openai-responses
load: { kind: poisson, rate: 20/s, duration: 10s, warmup: 1s, max_concurrency: 50 }
prompt: Hello
headers: { x-a: "1" }
mock: { tokens: 10, audio: { speed: 2, chunk: 100ms } }
arms:
  sse: {}
  ws: { transport: websocket, headers: { x-b: 2 }, load: { rate: 5/s } }
  burst: { load: { kind: burst, size: 3, every: 1s, duration: 4s }, mock: { audio: { speed: 9 } } }
`;
  const [sse, ws, burst] = load(text).arms;

  it('take the defaults and lay their own over them, key by key', () => {
    expect(sse).toMatchObject({ transport: 'sse', headers: { 'x-a': '1' } });
    expect(ws).toMatchObject({
      transport: 'websocket',
      headers: { 'x-a': '1', 'x-b': '2' },
      load: { shape: { kind: 'poisson', rate: 5 }, durationMs: 10_000, maxConcurrency: 50 },
    });
  });
  it('replace a load by one of another kind', () => {
    expect(burst!.load).toMatchObject({
      shape: { kind: 'burst', size: 3, everyMs: 1000 },
      warmupMs: 0,
      maxConcurrency: undefined,
    });
  });
  it('carry complete mock settings where they change any', () => {
    expect(sse!.mock).toEqual({});
    expect(burst!.mock).toEqual({ tokens: 10, audio: { speed: 9, chunk: '100ms' } });
  });

  it('are multiplied by a matrix, neighbours first', () => {
    const plan = load(`${minimal}arms: { a: {}, b: {} }
matrix: { network.rtt: [0ms, 40ms], load.sessions: [1, 5] }
`);
    expect(plan.arms.map((arm) => arm.name)).toEqual([
      'a @ rtt=0ms, sessions=1',
      'b @ rtt=0ms, sessions=1',
      'a @ rtt=0ms, sessions=5',
      'b @ rtt=0ms, sessions=5',
      'a @ rtt=40ms, sessions=1',
      'b @ rtt=40ms, sessions=1',
      'a @ rtt=40ms, sessions=5',
      'b @ rtt=40ms, sessions=5',
    ]);
    expect(plan.arms[0]!.network).toBeUndefined();
    expect(plan.arms[2]!.cell).toEqual({
      base: 'a',
      values: { 'network.rtt': '0ms', 'load.sessions': '5' },
    });
    expect(describeMatrix(plan)).toBe('2 arms × network.rtt (2) × load.sessions (2) = 8 arms');
    expect(plan.arms[7]).toMatchObject({
      network: { faults: [{ kind: 'delay', rtt: '40ms' }] },
      load: { shape: { sessions: 5 } },
    });
  });
  it('name varied paths in full where their last part is not enough', () => {
    const plan = load(`${minimal}
matrix: { objectives.ttft: [1s], mock.ttft: [20ms] }
`);
    expect(plan.arms[0]!.name).toBe('sse @ objectives.ttft=1s, mock.ttft=20ms');
    expect(plan.arms[0]!.mock).toEqual({ ttft: '20ms' });
  });
  it('may be gated by their own name or by that of all variants', () => {
    const gated = load(`${minimal}arms: { a: {}, b: {} }
matrix: { network.rtt: [1ms, 40ms] }
gates: [a.ttft.p95 < 1s, '"b @ rtt=40ms".ttft.p95 < 1s', b.e2e.p50 vs a <= +5%]
`);
    expect(gated.gates).toHaveLength(3);
  });
});

it('faults may be written in their short forms, in arms as well', () => {
  const plan = load(`${minimal}faults: [ delay: 25ms, { slicer: { size: 9B } } ]
arms: { a: {}, b: { faults: [ delay: { rtt: 5ms } ] } }
`);
  expect(plan.arms.map(({ faults }) => faults)).toEqual([
    [
      { kind: 'delay', one_way: '25ms' },
      { kind: 'slicer', size: '9B' },
    ],
    [{ kind: 'delay', rtt: '5ms' }],
  ]);
});

it('a proxy is described with what was set in it', () => {
  const describe = (proxy: string): string =>
    describeProxy(load(`${minimal}proxy: ${proxy}\n`).arms[0]!.proxy!);
  expect(describe('{ kind: nginx }')).toBe('a simulated nginx');
  expect(describe('{ kind: nginx, buffering: off }')).toBe('a simulated nginx (buffering=off)');
});

describe('loads', () => {
  const loadOf = (text: string, files: Record<string, string> = {}) =>
    load(`target: mock\nprompt: Hi\nload: ${text}\n`, { files }).arms[0]!.load;

  it('hold the first rate of stages during warm-up and the last during cool-down', () => {
    expect(
      loadOf(
        '{ kind: stages, warmup: 2s, cooldown: 1s, stages: [{ duration: 3s, rate: 5/s }, { duration: 4s, rate: 9/s, shape: ramp }] }',
      ),
    ).toMatchObject({
      durationMs: 7000,
      shape: {
        arrival: 'even',
        stages: [
          { durationMs: 2000, rate: 5, shape: 'step' },
          { durationMs: 3000, rate: 5, shape: 'step' },
          { durationMs: 4000, rate: 9, shape: 'ramp' },
          { durationMs: 1000, rate: 9, shape: 'step' },
        ],
      },
    });
  });
  it('read a trace next to the scenario and last as long as it does', () => {
    expect(
      loadOf('{ kind: trace, file: t.csv, warmup: 1s }', { 't.csv': 'timestamp_ms\n5\n2505\n' }),
    ).toMatchObject({ shape: { startsMs: [0, 2500] }, warmupMs: 1000, durationMs: 1501 });
  });
  it('put the think time of a closed load behind the session', () => {
    const plan = load(
      'target: mock\nprompt: Hi\nload: { kind: closed, sessions: 1, iterations: 9, think: 2s }\n',
    );
    expect(plan.arms[0]!.session.steps.at(-1)).toEqual({
      kind: 'think',
      ms: { kind: 'constant', value: 2000 },
    });
    expect(plan.arms[0]!.load.durationMs).toBe(3_600_000);
  });
});

describe('sessions', () => {
  it('keep tools on offer until a step says otherwise, and tool_choice for one turn', () => {
    const plan = load(`target: mock
load: { kind: closed, sessions: 1, duration: 1s }
session:
  - ask: { prompt: Go, tools: [search, { name: book, description: Books }], tool_choice: required }
  - repeat: { times: 3, steps: [{ tool_result: ok }, { think: "uniform(1ms, 5ms)" }] }
  - tool_result: { output: end, tools: [], max_tokens: "uniform(5, 9)" }
`);
    const [ask, repeat, last] = plan.arms[0]!.session.steps;
    const tools = [{ name: 'search' }, { name: 'book', description: 'Books' }];
    expect(ask).toMatchObject({ tools, toolChoice: 'required' });
    expect(repeat).toMatchObject({
      times: 3,
      steps: [
        { kind: 'tool_result', output: 'ok', tools, toolChoice: undefined },
        { kind: 'think', ms: { kind: 'uniform', low: 1, high: 5 } },
      ],
    });
    expect(last).toMatchObject({ tools: [], maxTokens: { kind: 'uniform', low: 5, high: 9 } });
  });
  it.each([
    ['p.txt', 'one\n\n two \n'],
    ['p.jsonl', '{"prompt": "one"}\n"two"\n'],
    ['p.json', '["one", {"prompt": "two"}]'],
  ])('read prompts from %s', (file, content) => {
    const plan = load(`${minimal}prompts: { file: ${file}, order: shuffled }\n`, {
      files: { [file]: content },
    });
    expect(plan.arms[0]!.session).toMatchObject({
      prompts: ['one', 'two'],
      promptOrder: 'shuffled',
    });
  });
  it('find spoken files relative to the scenario', () => {
    const plan = load(
      `target: mock
dialect: openai-realtime
load: { kind: closed, sessions: 1, duration: 1s }
session: [{ speak: { file: hi.pcm, chunk: 20ms } }, { speak: 2s }]
`,
      { files: { 'hi.pcm': 'x' } },
    );
    expect(plan.arms[0]!.session.steps).toEqual([
      { kind: 'speak', source: { kind: 'file', path: '/work-folder/hi.pcm' }, chunkMs: 20 },
      { kind: 'speak', source: { kind: 'synthetic', ms: 2000 }, chunkMs: 100 },
    ]);
  });
});

describe('the environment', () => {
  const text = `${minimal}
api_key: \${KEY}
model: "m-\${SIZE:-small}"
trials: \${TRIALS:-3}
seed: "\${SEED:-7}"
headers: { x-price: "$\${FREE}", x-team: "\${TEAM}" }
`;
  it('fills references in, with numbers where they stand alone and unquoted', () => {
    const plan = load(text, { env: { KEY: '12345', TEAM: 'blue', SIZE: '' } });
    expect(plan).toMatchObject({ trials: 3, seed: '7' });
    expect(plan.arms[0]).toMatchObject({
      apiKey: '12345',
      model: 'm-small',
      headers: { 'x-price': '${FREE}', 'x-team': 'blue' },
    });
  });
  it('never lets a secret into the source that results keep', () => {
    const plan = load(text, { env: { KEY: 'sk-secret', TEAM: 'blue' } });
    expect(JSON.stringify(plan.source)).not.toContain('sk-secret');
    expect(plan.source).toMatchObject({ api_key: '${KEY}' });
    const coded = planFromObject(
      {
        target: 'mock',
        load: { kind: 'closed', sessions: 2, duration: '5s' },
        prompt: 'Hello',
        api_key: 'sk-secret',
        headers: { authorization: 'Bearer sk-secret', accept: 'x' },
        arms: { a: { api_key: 'sk-secret-too' } },
      },
      memoryWorld(),
    );
    expect(coded.arms[0]!.apiKey).toBe('sk-secret-too');
    expect(JSON.stringify(coded.source)).not.toContain('secret');
    expect(coded.source).toMatchObject({ headers: { accept: 'x' } });
  });
  it('may lack a key where the scenario is only checked', () => {
    const lacking = `${minimal}api_key: \${KEY}\n`;
    expect(mistakes(lacking).map(({ code }) => code)).toEqual(['environment-unset']);
    expect(mistakes(lacking, { allowMissingKeys: true })).toEqual([]);
  });
});

describe('--set', () => {
  it('overrides values of every kind before they are checked', () => {
    const plan = load(minimal, {
      set: [
        'load.duration=2s',
        'trials=4',
        'arms."a b".transport=http',
        'gates=[errors < 1%]',
        'prompts={list: [x, y]}',
        'prompts.list[1]=z',
      ],
    });
    expect(plan).toMatchObject({ trials: 4, gates: [{ text: 'errors < 1%' }] });
    expect(plan.arms).toMatchObject([
      {
        name: 'a b',
        transport: 'http',
        load: { durationMs: 2000 },
        session: { prompts: ['x', 'z'] },
      },
    ]);
    expect(plan.source).toMatchObject({ load: { duration: '2s' } });
  });
  it('shows its own mistakes at the argument', () => {
    const [error] = mistakes(minimal, { set: ['load.duration=2'] });
    expect(error).toMatchObject({
      code: 'wrong-unit',
      place: { file: '--set', text: 'load.duration=2', column: 15, length: 1 },
    });
  });
  it.each(['load', '=3', 'a..b=3', 'a=[1'])('refuses %s as wrong usage', (set) => {
    const [error] = mistakes(minimal, { set: [set] });
    expect(error).toMatchObject({ code: 'set-invalid', exitCode: 2 });
  });
  it('takes references to the environment', () => {
    const plan = load(minimal, {
      set: ['api_key=${KEY}', 'trials=${N}'],
      env: { KEY: 'sk-1', N: '2' },
    });
    expect(plan.trials).toBe(2);
    expect(plan.arms[0]!.apiKey).toBe('sk-1');
  });
  it('does not let a secret in', () => {
    expect(mistakes(minimal, { set: ['api_key=sk-1'] })[0]!.code).toBe('literal-secret');
  });
});

describe('planFromObject', () => {
  it('shows mistakes without places but with paths', () => {
    const wrong = {
      target: 'mock',
      load: { kind: 'closed', sessions: 0, duration: '5' },
      prompt: 'Hi',
    };
    expect(() => planFromObject(wrong as never, memoryWorld())).toThrow(
      /load\.sessions must be above 0, not 0\nload\.duration: "5" is not a duration/,
    );
  });
  it('leaves the object as it was', () => {
    const object = {
      target: 'mock',
      load: { kind: 'closed', sessions: 1, duration: '1s' },
    } as const;
    const before = structuredClone(object);
    planFromObject({ ...object, prompt: 'Hi' }, memoryWorld());
    expect(object).toEqual(before);
  });
});

it('says where it looked for a scenario that is not there', () => {
  expect(() => loadScenario('none.yaml', memoryWorld())).toThrow(StreamgaugeError);
  expect(() => loadScenario('none.yaml', memoryWorld())).toThrow(/none\.yaml: no such file/);
});
