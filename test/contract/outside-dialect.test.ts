/**
 * A dialect outside the repository proves itself with the published suites, under another test runner:
 * `node:test`, from the built package. One that breaks the contract is found out.
 */
import { afterAll, expect, it } from 'vitest';
import { OutsidePackage } from '../helpers/outside-package.ts';

const outside = new OutsidePackage();
afterAll(() => outside.remove());

const imports = `
import { describe, it } from 'node:test';
import { defineDialect, describeDialect, describeEventKinds } from 'streamgauge/contract';
`;

const proof = `
describeDialect({ dialect, sample }, { describe, it });
describeEventKinds({ dialect, sample }, { describe, it });
`;

const common = `
  name: 'outside',
  transports: ['sse'],
  options: {},
  landmarks: [],
  supports: {
    audioInput: false, tools: false, freshTurns: true, resume: [], cancel: 'none',
    verify: false, diagnose: undefined, sdk: undefined,
  },
  summary: 'a dialect from outside',
  authorize: (apiKey) => ({ 'x-key': apiKey }),
`;

/** JSON over POST, in plain JavaScript. */
const jsonDialect = `${imports}
const dialect = defineDialect({
  ${common}
  eventKind: (data, name) => ({
    name, token: name === 'token' && !data.includes('""'), terminal: name === 'end',
  }),
  start: ({ model, stream, extraBody }) => ({
    ask: ({ streamId, content, instructions, maxTokens }) => ({
      streamId, method: 'POST', path: '/outside',
      body: { model, stream, text: content.text, instructions, maxTokens, ...extraBody },
    }),
    decode(frame, sink) {
      let json = frame.json;
      try { json ??= JSON.parse(frame.data); } catch {}
      if (typeof json !== 'object' || json === null || Array.isArray(json)) {
        sink.malformed('no object');
      } else if (frame.event === 'token') {
        if (json.text) sink.token('content', String(json.text));
        else sink.progress();
      } else if (frame.event === 'end') {
        if (json.error) sink.error('error', String(json.error));
        else {
          sink.usage({ outputTokens: json.tokens });
          sink.terminal('completed');
        }
      } else sink.progress();
    },
    pendingToolCalls: () => [],
  }),
});
const sample = {
  progress: { event: 'start', id: '7', retry: 100, data: {} },
  token: { event: 'token', data: { text: 'hi' } },
  terminal: [{ event: 'end', data: { tokens: 2 } }],
  error: { event: 'end', data: { error: 'm' } },
  more: [{ event: 'token', data: { text: '' } }],
  authorization: { 'x-key': 'secret' },
};
${proof}`;

/** The same with the model in the path, which is different for streams; its body has a word for neither. */
const pathDialect = jsonDialect
  .replace("path: '/outside'", "path: '/models/' + model + (stream ? ':stream?alt=sse' : ':ask')")
  .replace('body: { model, stream, ', 'body: { ')
  .replace(
    'const sample = {',
    "const sample = { request: { carries: ['prompt', 'instructions', 'maxTokens', 'model', 'extraBody'] },",
  );

/** Plain text under named events, asked by GET, without usage: what an `EventSource` is pointed at. */
const textDialect = `${imports}
const dialect = defineDialect({
  ${common}
  eventKind: (data, name) => ({
    name, token: name === 'token' && data !== '', terminal: name === 'end' || name === 'failed',
  }),
  start: () => ({
    ask: ({ streamId, content }) => ({
      streamId, method: 'GET', path: '/answers?q=' + encodeURIComponent(content.text),
    }),
    decode({ event, data }, sink) {
      if (event === 'token' && data !== '') sink.token('content', data);
      else if (event === 'end') sink.terminal('completed');
      else if (event === 'failed') sink.error('error', data);
      else sink.progress();
    },
    pendingToolCalls: () => [],
  }),
});
const sample = {
  request: { method: 'GET', carries: ['prompt'] },
  payload: 'text',
  usage: false,
  progress: { event: 'start', data: '' },
  token: { event: 'token', data: 'hi' },
  terminal: [{ event: 'end', data: '' }],
  error: { event: 'failed', data: 'm' },
  more: [{ event: 'token', data: '' }],
  authorization: { 'x-key': 'secret' },
};
${proof}`;

/** Runs a program of tests under `node:test`; with a wrong line in the place of a right one. */
function prove(program: string, right = '', wrong = '') {
  expect(program).toContain(right);
  outside.write(
    'outside.test.mjs',
    program.replace(right, () => wrong),
  );
  return outside.test('outside.test.mjs');
}

it.each([
  ['JSON over POST', jsonDialect],
  ['the model in the path', pathDialect],
  ['plain text over GET', textDialect],
])('passes where it keeps the contract: %s', { timeout: 60_000 }, (_, program) => {
  const { status, stdout } = prove(program);
  expect(stdout).toContain('reports an error of the API as such');
  expect(stdout).toMatch(/^# fail 0$/m);
  expect(Number(/^# pass (\d+)$/m.exec(stdout)?.[1])).toBeGreaterThan(18);
  expect(status).toBe(0);
});

const mistakes: readonly {
  title: string;
  program: string;
  right: string;
  wrong: string;
  fails: RegExp;
}[] = [
  {
    title: 'calls an empty delta a token',
    program: jsonDialect,
    right: 'else sink.progress();\n      } else if',
    wrong: "else sink.token('content', '');\n      } else if",
    fails: /^not ok .* event kinds of outside$/m,
  },
  {
    title: 'leaves out the instructions, and its sample does not say so',
    program: jsonDialect,
    right: 'text: content.text, instructions,',
    wrong: 'text: content.text,',
    fails: /not ok .* asks in its wire form/,
  },
  {
    title: 'carries what its sample says that it does not',
    program: jsonDialect,
    right: "progress: { event: 'start'",
    wrong:
      "request: { carries: ['prompt', 'instructions', 'model', 'stream', 'extraBody'] }, progress: { event: 'start'",
    fails: /not ok .* asks in its wire form/,
  },
  {
    title: 'asks by another method than its sample says',
    program: textDialect,
    right: "method: 'GET', path",
    wrong: "method: 'POST', path",
    fails: /not ok .* asks in its wire form/,
  },
  {
    title: 'tells usage that its sample denies',
    program: textDialect,
    right: "sink.terminal('completed')",
    wrong: "(sink.usage({ outputTokens: 2 }), sink.terminal('completed'))",
    fails: /not ok .* tells progress, tokens, usage and the end apart/,
  },
  {
    title: 'makes a token of text that is none',
    program: textDialect,
    right: "if (event === 'token' && data !== '')",
    wrong: "if (event === 'token')",
    fails: /not ok .* makes no token without text of ""/,
  },
  {
    title: 'claims the events of other APIs as tokens',
    program: textDialect,
    right: "name === 'token' && data !== ''",
    wrong: "data !== '' && !['start', 'end', 'failed'].includes(name)",
    fails: /not ok .* leaves a chat completion chunk to the dialect/,
  },
  {
    title: 'gives the events of other APIs a name',
    program: textDialect,
    right: 'name, token:',
    wrong: "name: name || 'message', token:",
    fails: /not ok .* leaves plain text to the dialect/,
  },
];

it.each(mistakes)(
  'fails where it $title',
  { timeout: 60_000 },
  ({ program, right, wrong, fails }) => {
    const { status, stdout } = prove(program, right, wrong);
    expect(stdout).toMatch(fails);
    expect(status).toBe(1);
  },
);
