import { describe, expect, it } from 'vitest';
import { formatError } from '../../../src/errors.ts';
import { load, minimal, mistakes, summary } from '../../helpers/scenario.ts';

/** The minimal scenario with lines added, or changed where the key is there. */
function withLines(...lines: string[]): string {
  const keys = lines.map((line) => line.split(':')[0]);
  const kept = minimal.split('\n').filter((line) => !keys.includes(line.split(':')[0]));
  return [...kept, ...lines].join('\n');
}

const numbers = (count: number): string =>
  Array.from({ length: count }, (_, index) => index + 1).join(', ');

describe('one mistake', () => {
  it.each([
    ['an unknown key', ['sead: 4'], 'unknown-key @ sead'],
    [
      'one inside a load',
      ['load: { kind: closed, sesions: 2, duration: 5s }'],
      'unknown-key @ sesions',
    ],
    ['one inside a step', ['prompt:', 'session: [{ ask: { prompt: Hi, max_token: 3 } }]'], ''],
    ['one inside an arm', ['arms: { a: { tls: { verfy: true } } }'], 'unknown-key @ verfy'],
    ['one inside the mock', ['mock: { audio: { chunks: 20ms } }'], 'unknown-key @ chunks'],
    ['a key that does not exist', ['chaos: []'], 'unknown-key @ chaos'],
    ['an unknown network profile', ['network: { profile: 4gg }'], 'bad-value @ 4gg'],
    [
      'two kinds of loss',
      ['network: { loss: 1%, burst: { good: 1s, bad: 1s } }'],
      'bad-value @ burst',
    ],
    [
      'a repair of nothing',
      ['network: { rtt: 5ms, repair: duplicate }'],
      'network-mismatch @ duplicate',
    ],
    ['an unknown fault', ['faults: [ { kind: los } ]'], 'bad-value @ los'],
    [
      'a key that a fault lacks',
      ['faults: [ { kind: jitter, extra: 5ms, extar: 1ms } ]'],
      'unknown-key @ extar',
    ],
    ['an unknown fault in short form', ['faults: [ { dealy: 5ms } ]'], 'bad-value @ dealy'],
    [
      'a key that a fault in short form lacks',
      ['faults: [ { delay: { rtt: 5ms, rrt: 1ms } } ]'],
      'unknown-key @ rrt',
    ],
    ['a bad value in short form', ['faults: [ { delay: 5 } ]'], 'wrong-unit @ 5'],
    [
      'a fault that looks for events where there are none',
      ['transport: http', 'faults: [ disconnect: { how: rst, after: { tokens: 5 } } ]'],
      'fault-mismatch @ 5',
    ],
    [
      'a WebSocket ending on SSE',
      ['faults: [ { kind: disconnect, how: ws_close, after: { tokens: 5 } } ]'],
      'fault-mismatch @ ws_close',
    ],
    [
      'a stream reset on HTTP/1.1, in an arm',
      ['arms: { a: { faults: [ disconnect: { how: h2_reset, after: { tokens: 5 } } ] } }'],
      'fault-mismatch @ h2_reset',
    ],
    [
      'a character of several bytes in ASCII',
      ['faults: [ disconnect: { how: rst, inside: utf8 } ]'],
      'fault-mismatch @ utf8',
    ],
    [
      'a look into the TLS of a target elsewhere',
      [
        'target: https://api.test/v1',
        'model: m',
        'faults: [ disconnect: { how: rst, after: { tokens: 5 } } ]',
      ],
      'fault-mismatch @ d',
    ],
    ['TLS to end where there is none', ['tls: { terminate: true }'], 'nothing-to-terminate @ true'],
    ['an unknown proxy', ['proxy: { kind: ngin }'], 'bad-value @ ngin'],
    ['a proxy in front of TLS', ['http: 2', 'proxy: { kind: nginx }'], 'proxy-mismatch @ proxy'],
    ['an unknown key of the network', ['network: { rtt: 5ms, lost: 2% }'], 'unknown-key @ lost'],
    [
      'a number without unit',
      ['load: { kind: closed, sessions: 2, duration: 5 }'],
      'wrong-unit @ 5',
    ],
    ['a wrong unit', ['load: { kind: constant, rate: 5ms, duration: 5s }'], 'wrong-unit @ 5ms'],
    [
      'a rate of nothing',
      ['load: { kind: constant, rate: 0/s, duration: 5s }'],
      'wrong-unit @ 0/s',
    ],
    ['a bare rate', ['load: { kind: constant, rate: 5, duration: 5s }'], 'wrong-unit @ 5'],
    [
      'a bad distribution',
      ['mock: { ttft: "lognorml(5ms, 1)" }'],
      'bad-value @ "lognorml(5ms, 1)"',
    ],
    [
      'a field of another kind',
      ['load: { kind: closed, sessions: 2, duration: 5s, rate: 5/s }'],
      'wrong-load-key @ rate',
    ],
    [
      'a cap on a closed load',
      ['load: { kind: closed, sessions: 2, duration: 5s, max_concurrency: 5 }'],
      'wrong-load-key @ max_concurrency',
    ],
    ['an unknown kind', ['load: { kind: clsed, sessions: 2, duration: 5s }'], 'bad-value @ clsed'],
    ['a kind left out', ['load: { sessions: 2, duration: 5s }'], 'missing-key @ load'],
    ['a load without end', ['load: { kind: closed, sessions: 2 }'], 'missing-key @ load'],
    [
      'waiting without a cap',
      ['load: { kind: constant, rate: 5/s, duration: 5s, max_waiting: 5 }'],
      'no-cap @ max_waiting',
    ],
    [
      'a ramp of nothing',
      ['load: { kind: ramp, from: 0/s, to: 0/s, duration: 5s }'],
      'no-sessions @ 0/s',
    ],
    [
      'a warm-up before a ramp from nothing',
      ['load: { kind: stages, warmup: 1s, stages: [{ duration: 1s, rate: 5/s, shape: ramp }] }'],
      'no-sessions @ stages',
    ],
    ['an unknown dialect', ['dialect: openai-caht'], 'bad-value @ openai-caht'],
    [
      'a transport that does not fit',
      ['dialect: openai-realtime', 'transport: sse'],
      'transport-mismatch @ sse',
    ],
    [
      'HTTP/2 under a websocket',
      ['dialect: openai-responses', 'transport: websocket', 'http: 2'],
      'http-mismatch @ 2',
    ],
    [
      'HTTP/2 without TLS',
      ['target: http://127.0.0.1:1/v1', 'model: m', 'http: 2'],
      'http-mismatch @ 2',
    ],
    ['HTTP/3', ['http: 3'], 'bad-value @ 3'],
    ['a literal key', ['api_key: sk-1'], 'literal-secret @ sk-1'],
    ['a literal key in an arm', ['arms: { a: { api_key: sk-1 } }'], 'literal-secret @ sk-1'],
    ['a literal key as a default', ['api_key: "${KEY:-sk-1}"'], 'literal-secret @ "${KEY:-sk-1}"'],
    [
      'a literal authorization',
      ['headers: { Authorization: Bearer x }'],
      'literal-secret @ Bearer x',
    ],
    [
      'a password in the target',
      ['target: http://u:p@host/v1', 'model: m'],
      'literal-secret @ http://u:p@host/v1',
    ],
    ['an unset variable', ['model: "${MODEL}"'], 'environment-unset @ ${MODEL}'],
    ['a bad reference', ['model: "${MO DEL}"'], 'bad-reference @ ${MO DEL}'],
    ['no target', ['target:'], 'wrong-type @ target'],
    ['a target that is none', ['target: mok'], 'target-invalid @ mok'],
    ['a socket address', ['target: wss://host/v1', 'model: m'], 'target-invalid @ wss://host/v1'],
    ['a missing model', ['target: http://127.0.0.1:1/v1'], 'missing-key @ http://127.0.0.1:1/v1'],
    ['a missing file of prompts', ['prompts: { file: none.txt }'], 'file-missing @ none.txt'],
    ['a missing certificate', ['tls: { ca: none.pem }'], 'file-missing @ none.pem'],
    ['a missing trace', ['load: { kind: trace, file: none.csv }'], 'file-missing @ none.csv'],
    [
      'a missing trace of the mock',
      ['mock: { trace: none.jsonl }'],
      'mock-option-invalid @ none.jsonl',
    ],
    ['a mock option without its partner', ['mock: { queue: 5 }'], 'mock-option-invalid @ 5'],
    [
      'an unknown variable',
      ['prompt: Hello {{nme}}', 'variables: { name: Bo }'],
      'unknown-variable @ {{nme}}',
    ],
    ['a prompt without texts', ['prompt: "Now {{prompt}}"'], 'no-prompts @ {{prompt}}'],
    ['a reserved variable', ['variables: { turn: 3 }'], 'reserved-name @ turn'],
    ['two sources of prompts', ['prompts: { file: a.txt, list: [b] }'], 'prompts-source @ prompts'],
    ['a session together with a prompt', ['session: [{ ask: Hi }]'], 'two-sessions @ prompt'],
    ['a session that only thinks', ['prompt:', 'session: [{ think: 1s }]'], ''],
    ['a gate that does not parse', ['gates: ["ttft.p95 < 400"]'], 'gate-syntax @ 400'],
    ['a gate on an unknown metric', ['gates: [tfft.p95 < 4s]'], 'gate-syntax @ tfft'],
    ['a gate on an unknown arm', ['gates: [websocket.ttft.p95 < 4s]'], 'unknown-arm @ websocket'],
    ['no arms', ['arms: {}'], 'no-arms @ arms'],
    ['a bad name of an arm', ['arms: { "a @ b": {} }'], 'bad-name @ "a @ b"'],
    ['a path of a matrix that is none', ['matrix: { sessions: [1, 2] }'], 'bad-path @ sessions'],
    ['a value twice in a matrix', ['matrix: { network.rtt: [1ms, 1ms] }'], 'value-twice @ 1ms'],
    ['a bad value in a matrix', ['matrix: { network.rtt: [1ms, 40] }'], 'wrong-unit @ 40'],
    ['an unknown key in a matrix', ['matrix: { network.rt: [1ms] }'], 'unknown-key @ network.rt'],
    [
      'paths of a matrix one within the other',
      ['matrix: { objectives.ttft: [1s], objectives: [2s] }'],
      'overlapping-paths @ objectives',
    ],
    ['no values in a matrix', ['matrix: { network.rtt: [] }'], 'out-of-range @ network.rtt'],
    [
      'an arm that sets what the matrix sets',
      ['arms: { a: { network: { rtt: 5ms } } }', 'matrix: { network.rtt: [1ms] }'],
      'matrix-overwrites @ rtt',
    ],
    [
      'a matrix of too many arms',
      [`matrix: { load.sessions: [${numbers(20)}], model: [${numbers(11)}] }`],
      'too-many-arms @ matrix',
    ],
    ['a heat map without a matrix', ['heatmap: [ttft.p95]'], 'heatmap-without-matrix @ heatmap'],
    [
      'a heat map of an unknown metric',
      ['matrix: { network.rtt: [1ms] }', 'heatmap: [ttft.p95, tfft.p95]'],
      'heatmap-syntax @ tfft',
    ],
    [
      'a heat map of one arm',
      ['matrix: { network.rtt: [1ms] }', 'heatmap: [sse.ttft.p95]'],
      'heatmap-syntax @ sse.ttft.p95',
    ],
    [
      'a heat map without its statistic',
      ['matrix: { network.rtt: [1ms] }', 'heatmap: [ttft]'],
      'heatmap-syntax @ ttft',
    ],
    [
      'voice detection without audio',
      ['turn_detection: server_vad'],
      'option-mismatch @ server_vad',
    ],
  ])('%s', (_name, lines, expected) => {
    const text = withLines(...lines).replace(/^prompt:\n/m, '');
    const found = summary(mistakes(text));
    if (expected === '') expect(found).toHaveLength(1);
    else expect(found).toEqual([expected]);
  });

  it('a network that no kernel makes; without root, none at all', () => {
    const text = withLines('network: { driver: kernel, outage: { on: 5s, off: 1s } }');
    const [found, ...others] = mistakes(text);
    expect(others).toEqual([]);
    expect(found!.code).toBe('kernel-network');
    expect(found!.hints.join()).toContain('driver: model');
  });

  it.each([
    ['audio where there is none', '[{ speak: 2s }]', 'no-audio @ speak'],
    ['speech from nowhere', '[{ speak: { chunk: 20ms } }]', 'speak-source @ speak'],
    ['speech from a missing file', '[{ speak: { file: none.pcm } }]', 'file-missing @ none.pcm'],
    ['a tool result without tools', '[{ ask: Hi }, { tool_result: ok }]', 'no-tools @ tool_result'],
    [
      'a required tool without tools',
      '[{ ask: { prompt: Hi, tool_choice: required } }]',
      'no-tools @ required',
    ],
    ['two things in one step', '[{ ask: Hi, think: 1s }]', 'bad-value @ {'],
    ['nothing in a step', '[{ ask: Hi }, {}]', 'bad-value @ {'],
    ['an empty session', '[]', 'out-of-range @ session'],
    [
      'a deep placeholder',
      '[{ repeat: { times: 2, steps: [{ ask: "a {{b}}" }] } }]',
      'unknown-variable @ {{b}}',
    ],
  ])('in a session: %s', (_name, session, expected) => {
    const dialect = expected.startsWith('no-audio') ? 'openai-chat' : 'openai-realtime';
    const text = `target: mock\ndialect: ${dialect}\nload: { kind: closed, sessions: 2, duration: 5s }\nsession: ${session}\n`;
    expect(summary(mistakes(text))).toEqual([expected]);
  });
});

describe('all mistakes at once', () => {
  const text = `name: everything wrong
target: mock
arms:
  chat: { dialect: openai-chatt, transport: websocket }
  voice: { dialect: openai-realtime, transport: sse }
load: { kind: closed, sesions: 200, duration: 30 }
session:
  - ask: { promt: "Plan the trip" }
prompts: { file: none.txt }
gates:
  - errrors < 1%
  - voice.e2e.p50 vs chat <= 5ms
`;
  it('is what loading shows, each once and without what follows from another', () => {
    expect(summary(mistakes(text))).toEqual([
      'bad-value @ openai-chatt',
      'unknown-key @ promt',
      'wrong-unit @ 30',
      'unknown-key @ sesions',
      'file-missing @ none.txt',
      'transport-mismatch @ sse',
      'gate-syntax @ errrors',
      'gate-syntax @ 5ms',
    ]);
  });

  it('reads like a compiler message', () => {
    expect(formatError(mistakes(text)[3]!)).toBe(`error[unknown-key]: unknown key "sesions" in load
 --> scenario.yaml:6:23
  |
6 | load: { kind: closed, sesions: 200, duration: 30 }
  |                       ^^^^^^^
  = did you mean "sessions"?
  = allowed: kind, sessions, iterations, think, duration, warmup, cooldown, graceful_stop
`);
  });

  it('says a mistake in a default once, however many arms share it', () => {
    const shared = `${minimal}arms: { a: {}, b: {}, c: {} }\ntls: { ca: none.pem }\n`;
    expect(summary(mistakes(shared))).toEqual(['file-missing @ none.pem']);
  });

  it('exits with 104', () => {
    expect(mistakes(text).every((error) => error.exitCode === 104)).toBe(true);
    expect(() => load(text)).toThrow();
  });
});

describe('text that is not a scenario', () => {
  it.each([
    ['broken YAML', 'name: [a\nload: {', 'yaml-syntax'],
    ['a key twice', `${minimal}target: mock\n`, 'duplicate-key'],
    ['two equal arms', `${minimal}arms:\n  a: {}\n  a: {}\n`, 'duplicate-key'],
    ['an empty file', '', 'wrong-type'],
    ['a list', '- a\n', 'wrong-type'],
    ['a word', 'hello\n', 'wrong-type'],
    ['broken JSON', '{"target": "mock", "load": }', ''],
  ])('%s', (_name, text, code) => {
    const found = mistakes(text);
    expect(found.length).toBeGreaterThan(0);
    if (code !== '') expect(found[0]!.code).toBe(code);
    expect(found[0]!.exitCode).toBe(104);
  });

  it('a file that is not there', () => {
    const [error] = mistakes('', { files: {} });
    expect(error).toBeDefined();
  });
});

it.each([
  ['one', 'mock: { ttft: lognormal(10ms, 0.3) }'],
  ['two with the same rest', 'mock: { ttft: lognormal(10ms, 0.3), itl: gamma(5ms, 0.3) }'],
])('a distribution that a comma has cut, %s: says to quote it', (_, line) => {
  const hints = mistakes(withLines(line)).flatMap((error) => error.hints ?? []);
  expect(hints.join()).toContain('put the distribution in quotes');
});

it('lists many names only where none of them seems meant', () => {
  const near = mistakes(withLines('network: { profile: lte-drivin }'))[0]!;
  expect(near.hints).toEqual(['did you mean "lte-driving"?']);
  expect(near.message.length).toBeLessThan(80);
  const far = mistakes(withLines('network: { profile: moon }'))[0]!;
  expect(far.hints?.join()).toContain('satellite-geo');
});
