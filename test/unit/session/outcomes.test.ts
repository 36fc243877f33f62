/** Every way a stream can end gets its own name: no kind of broken stream passes for a success. */
import { afterEach, describe, expect, it } from 'vitest';
import type { Outcome } from '../../../src/metric/outcome.ts';
import { armPlan, askOnce, endpointFor, runSession, runVirtually } from '../../helpers/arm.ts';
import { body, ends, head, repeated } from '../../helpers/scripted-wire.ts';
import {
  chatDelta,
  chatFinish,
  chunk,
  jsonResponse,
  scriptedServer,
  sseHead,
  type Action,
  type ScriptedServer,
} from '../../helpers/scripted-server.ts';

let server: ScriptedServer | undefined;

afterEach(async () => {
  await server?.close();
  server = undefined;
});

const twoTokens = chunk(chatDelta('a')) + chunk(chatDelta('b'));
const done = chunk(chatFinish()) + chunk('data: [DONE]\n\n') + '0\r\n\r\n';

interface Case {
  name: string;
  actions: readonly Action[];
  outcome: Outcome;
  detail?: RegExp;
  /** The official package hides the difference; what it shows instead. */
  viaSdk?: Outcome;
}

const cases: Case[] = [
  { name: 'a whole stream', actions: [{ send: sseHead + twoTokens + done }], outcome: 'completed' },
  {
    name: 'no [DONE] after a finish_reason (compatible servers)',
    actions: [{ send: `${sseHead}${twoTokens}${chunk(chatFinish())}0\r\n\r\n` }],
    outcome: 'completed',
  },
  {
    name: 'a clean end without finish_reason and [DONE]',
    actions: [{ send: `${sseHead}${twoTokens}0\r\n\r\n` }],
    outcome: 'truncated',
    detail: /terminal event/,
    // The package ends its loop without a word; only the missing finish_reason would tell.
    viaSdk: 'completed',
  },
  {
    name: 'FIN without the final chunk',
    actions: [{ send: sseHead + twoTokens }, { fin: true }],
    outcome: 'truncated',
    detail: /final chunk/,
  },
  {
    name: 'RST in mid-stream',
    actions: [{ send: sseHead + twoTokens }, { waitMs: 50 }, { rst: true }],
    outcome: 'reset',
  },
  {
    name: 'FIN before the headers',
    actions: [{ fin: true }],
    outcome: 'truncated',
    detail: /before the response headers/,
  },
  {
    name: 'silence in mid-stream',
    actions: [{ send: sseHead + twoTokens }],
    outcome: 'stalled',
    detail: /nothing arrived for 100 ms/,
  },
  { name: 'silence from the start', actions: [], outcome: 'stalled' },
  {
    name: '200 with a JSON error body',
    actions: [{ send: jsonResponse('200 OK', { error: { message: 'no', code: 'boom' } }) }],
    outcome: 'in_band_error',
    detail: /boom/,
    viaSdk: 'completed',
  },
  {
    name: 'an error event in the stream',
    actions: [
      {
        send:
          sseHead +
          twoTokens +
          chunk('data: {"error":{"message":"broke","type":"server_error"}}\n\n'),
      },
    ],
    outcome: 'in_band_error',
    detail: /server_error: broke/,
  },
  {
    name: '429',
    actions: [
      { send: jsonResponse('429 Too Many Requests', { error: { code: 'rate_limit_exceeded' } }) },
    ],
    outcome: 'rejected',
    detail: /429 rate_limit_exceeded/,
  },
  {
    name: '503',
    actions: [
      { send: jsonResponse('503 Service Unavailable', { error: { message: 'slow down' } }) },
    ],
    outcome: 'rejected',
  },
  {
    name: '500 with an HTML page',
    actions: [
      {
        send: 'HTTP/1.1 500 Oops\r\nContent-Type: text/html\r\nContent-Length: 9\r\n\r\n<h1>x</h1',
      },
    ],
    outcome: 'http_error',
    detail: /500/,
  },
  {
    name: '401',
    actions: [{ send: jsonResponse('401 Unauthorized', { error: { code: 'invalid_api_key' } }) }],
    outcome: 'http_error',
    detail: /401 invalid_api_key/,
  },
  {
    name: 'a redirect',
    actions: [{ send: 'HTTP/1.1 302 Found\r\nLocation: /x\r\nContent-Length: 0\r\n\r\n' }],
    outcome: 'http_error',
    viaSdk: 'stalled',
  },
  {
    name: 'events that are not JSON',
    actions: [{ send: `${sseHead}${chunk('data: hello\n\n')}` }],
    outcome: 'malformed',
    detail: /not JSON/,
  },
  {
    name: 'another protocol',
    actions: [{ send: 'SSH-2.0-OpenSSH_9.2p1\r\n\r\n' }],
    outcome: 'malformed',
    detail: /not an HTTP/,
  },
  {
    name: 'a broken chunk size',
    actions: [{ send: `${sseHead}zz\r\n` }],
    outcome: 'malformed',
    detail: /chunk size/,
  },
  {
    name: 'an HTML page instead of a stream',
    actions: [
      { send: 'HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 4\r\n\r\n<h1>' },
    ],
    outcome: 'malformed',
    viaSdk: 'completed',
  },
  {
    name: 'an empty body',
    actions: [{ send: 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n' }],
    outcome: 'truncated',
    detail: /empty/,
    viaSdk: 'completed',
  },
];

/** Short only where silence is what is waited for: a slow machine is not to look like it. */
const timeoutsFor = (outcome: Outcome): { connectMs: number; idleMs: number; totalMs: number } => ({
  connectMs: 30_000,
  idleMs: outcome === 'stalled' ? 100 : 30_000,
  totalMs: 60_000,
});

describe('outcome of a Chat Completions stream on streamgauge’s transport', () => {
  it.each(cases)('$name → $outcome', async ({ actions, outcome, detail }) => {
    server = await scriptedServer(() => actions);
    const arm = armPlan({ timeouts: timeoutsFor(outcome) });
    const { record, turns } = await runSession(arm, endpointFor(arm, server.baseUrl));
    expect(turns).toHaveLength(1);
    expect({ outcome: turns[0]!.outcome, detail: turns[0]!.detail }).toMatchObject({ outcome });
    if (detail) expect(turns[0]!.detail).toMatch(detail);
    expect(record.outcome).toBe(outcome);
  });

  it('says connect_failed where nothing listens', async () => {
    server = await scriptedServer(() => []);
    const { baseUrl } = server;
    await server.close();
    const arm = armPlan();
    const { turns } = await runSession(arm, endpointFor(arm, baseUrl));
    expect(turns[0]!.outcome).toBe('connect_failed');
    expect(turns[0]!.detail).toMatch(/ECONNREFUSED/);
  });
});

describe('time limits, in virtual time', () => {
  const arm = (idleMs: number, totalMs: number) =>
    armPlan({ timeouts: { connectMs: 1000, idleMs, totalMs } });
  const flowing = [head(50), ...repeated(40, 50, (afterMs) => body(afterMs, chatDelta('x')))];

  it('says timed_out when the total timeout passes although data flows', async () => {
    const { turns, at } = await runVirtually(arm(1000, 400), () => flowing);
    // Tokens at 100, 150 … 400 ms; the test's sweeps are 20 ms apart.
    expect(turns[0]).toMatchObject({ outcome: 'timed_out', tokenEvents: 7 });
    expect(turns[0]!.detail).toBe('not over after 400 ms');
    expect(at(turns[0]!.endedAt)).toBe(420);
  });

  it('counts idle time from the last byte, not from the start', async () => {
    const { turns, at } = await runVirtually(arm(60, 60_000), () => flowing);
    expect(turns[0]).toMatchObject({ outcome: 'stalled', tokenEvents: 40 });
    // The last of 40 tokens comes at 2050 ms.
    expect(at(turns[0]!.endedAt)).toBe(2120);
  });

  it('says stalled for an answer that never begins', async () => {
    const { turns, wire } = await runVirtually(arm(300, 5000), () => []);
    expect(turns[0]).toMatchObject({
      outcome: 'stalled',
      detail: 'nothing arrived for 300 ms',
    });
    expect(wire.exchanges[0]!.cancelled).toEqual({ atMs: 320, how: 'rst', code: undefined });
  });

  it('does not count what a pause between two turns takes', async () => {
    const pause = { kind: 'think', ms: { kind: 'constant', value: 60_000 } } as const;
    const whole = [head(10), body(10, chatDelta('a') + chatFinish()), ends()];
    const two = { ...armPlan().session, steps: [askOnce, pause, askOnce] };
    const { turns, wire } = await runVirtually({ ...arm(300, 5000), session: two }, () => whole);
    expect(turns.map((turn) => turn.outcome)).toEqual(['completed', 'completed']);
    expect(wire.exchanges.map(({ writtenAtMs }) => writtenAtMs)).toEqual([0, 60_020]);
    expect(wire.connections).toBe(1);
  });
});

describe('outcome of the same streams through the official package', () => {
  it.each(cases.filter((one) => one.name !== 'a redirect'))(
    '$name',
    async ({ actions, outcome, viaSdk }) => {
      server = await scriptedServer(() => actions);
      const arm = armPlan({ via: 'sdk', timeouts: timeoutsFor(viaSdk ?? outcome) });
      const { turns } = await runSession(arm, endpointFor(arm, server.baseUrl));
      expect({ outcome: turns[0]!.outcome, detail: turns[0]!.detail }).toMatchObject({
        outcome: viaSdk ?? outcome,
      });
    },
  );
});

describe('connections', () => {
  it('keeps the connection from turn to turn, and opens a new one where the server closed it', async () => {
    const whole = sseHead + twoTokens + done;
    server = await scriptedServer((request) =>
      request === 1 ? [{ send: whole }, { fin: true }] : [{ send: whole }],
    );
    const step = armPlan().session.steps[0]!;
    const think = { kind: 'think', ms: { kind: 'constant', value: 50 } } as const;
    const arm = armPlan({
      session: { ...armPlan().session, steps: [step, think, step, think, step] },
    });
    const { turns } = await runSession(arm, endpointFor(arm, server.baseUrl));
    expect(turns.map((turn) => turn.outcome)).toEqual(['completed', 'completed', 'completed']);
    expect(turns.map((turn) => turn.connect !== undefined)).toEqual([true, false, true]);
    expect(server.connections).toBe(2);
    // The third request carries the whole conversation.
    expect(JSON.parse(server.requests[2]!.split('\r\n\r\n')[1]!).messages).toHaveLength(5);
  });

  it('sends each ask by itself with history: none, on the same connection', async () => {
    const whole = sseHead + twoTokens + done;
    server = await scriptedServer(() => [{ send: whole }]);
    const step = armPlan().session.steps[0]!;
    const arm = armPlan({
      history: 'none',
      session: { ...armPlan().session, steps: [step, step] },
    });
    const { turns } = await runSession(arm, endpointFor(arm, server.baseUrl));
    expect(turns).toHaveLength(2);
    expect(server.connections).toBe(1);
    expect(JSON.parse(server.requests[1]!.split('\r\n\r\n')[1]!).messages).toHaveLength(1);
  });

  it('does not wait for a server that holds the body open after its terminal event', async () => {
    server = await scriptedServer(() => [
      { send: sseHead + twoTokens + chunk(chatFinish()) + chunk('data: [DONE]\n\n') },
    ]);
    const arm = armPlan();
    const { turns } = await runSession(arm, endpointFor(arm, server.baseUrl));
    expect(turns[0]!.outcome).toBe('completed');
    // Its idle time would be over after 30 s.
    expect((turns[0]!.endedAt - turns[0]!.terminalAt) / 1e6).toBeLessThan(20_000);
  });
});
