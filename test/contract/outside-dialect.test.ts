/**
 * A dialect outside the repository proves itself with the published suites, under another test runner:
 * `node:test`, from the built package. One that breaks the contract is found out.
 */
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, expect, it } from 'vitest';

const root = path.resolve(import.meta.dirname, '../..');
const work = fs.mkdtempSync(path.join(os.tmpdir(), 'streamgauge-outside-'));
afterAll(() => fs.rmSync(work, { recursive: true }));
fs.mkdirSync(path.join(work, 'node_modules'));
fs.symlinkSync(root, path.join(work, 'node_modules/streamgauge'));

/** A dialect in plain JavaScript. @param emptyTokens - what it makes of a token without text. */
function program(emptyTokens: 'progress' | 'token'): string {
  return `
import { describe, it } from 'node:test';
import { defineDialect, describeDialect, describeEventKinds } from 'streamgauge/contract';

const dialect = defineDialect({
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
        else ${emptyTokens === 'progress' ? 'sink.progress()' : "sink.token('content', '')"};
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
describeDialect({ dialect, sample }, { describe, it });
describeEventKinds({ dialect, sample }, { describe, it });
`;
}

function prove(emptyTokens: 'progress' | 'token') {
  const file = path.join(work, `${emptyTokens}.test.mjs`);
  fs.writeFileSync(file, program(emptyTokens));
  const { NODE_TEST_CONTEXT: _, ...env } = process.env;
  const { status, stdout } = spawnSync(process.execPath, ['--test', '--test-reporter=tap', file], {
    cwd: work,
    env,
    encoding: 'utf8',
  });
  return { status, stdout };
}

it('passes where it keeps the contract', { timeout: 60_000 }, () => {
  const { status, stdout } = prove('progress');
  expect(stdout).toContain('reports an error of the API as such');
  expect(stdout).toMatch(/^# fail 0$/m);
  expect(Number(/^# pass (\d+)$/m.exec(stdout)?.[1])).toBeGreaterThan(18);
  expect(status).toBe(0);
});

it('fails where it calls an empty delta a token', { timeout: 60_000 }, () => {
  const { status, stdout } = prove('token');
  expect(stdout).toMatch(/^not ok .* event kinds of outside$/m);
  expect(status).toBe(1);
});
