/**
 * What happens to a turn whose stream breaks: which breaks are continued, when, how often, and what is
 * told. In virtual time; the last tests do the same on sockets.
 */
import { describe, expect, it, onTestFinished } from 'vitest';
import type { ReconnectPlan } from '../../../src/scenario/plan.ts';
import type { TurnRecord } from '../../../src/session/turn-record.ts';
import { armPlan, endpointFor, runSession, runVirtually } from '../../helpers/arm.ts';
import { atOnce } from '../../helpers/resume.ts';
import { chatDelta, chunk, scriptedServer, sseHead } from '../../helpers/scripted-server.ts';
import {
  body,
  ends,
  fin,
  head,
  refusal,
  rst,
  type Script,
  type ScriptedWire,
} from '../../helpers/scripted-wire.ts';

let wire: ScriptedWire;

/** The n-th event of a stream, as a server that numbers its events sends it. */
const event = (n: number): string => `id: s:${n}\n${chatDelta(`t${n} `)}`;
const done = (n: number): string => `id: s:${n}\ndata: [DONE]\n\n`;
/** Head at 10 ms, two events at 20 ms. */
const begin: Script = [head(10), body(10, event(1) + event(2))];
/** Ten ms after the request. */
const goesOn = (...events: string[]): Script => [head(5), body(5, events.join('')), ends()];

const planOf = (
  reconnect: Partial<ReconnectPlan>,
  timeouts: Partial<{ idleMs: number; totalMs: number }> = {},
) =>
  armPlan({
    reconnect: { ...atOnce, attempts: 3, ...reconnect },
    timeouts: { connectMs: 2000, idleMs: 2000, totalMs: 5000, ...timeouts },
  });

async function runTurn(
  script: readonly Script[],
  reconnect: Partial<ReconnectPlan> = {},
  timeouts: Partial<{ idleMs: number; totalMs: number }> = {},
): Promise<TurnRecord> {
  const outcome = await runVirtually(
    planOf(reconnect, timeouts),
    (number) => script[Math.min(number, script.length - 1)]!,
  );
  wire = outcome.wire;
  expect(outcome.turns).toHaveLength(1);
  return outcome.turns[0]!;
}

const lastEventIds = (): (string | undefined)[] =>
  wire.exchanges.map(({ request }) => request.headers?.['last-event-id']);
const startedAtMs = (): number[] => wire.exchanges.map(({ writtenAtMs }) => writtenAtMs);

describe('a turn whose stream breaks', () => {
  it.each([
    ['FIN in mid-framing', [...begin, fin()]],
    ['RST', [...begin, rst(30)]],
    ['a clean end without the terminal event', [...begin, ends()]],
  ] satisfies [string, Script][])('continues after %s', async (_, first) => {
    const turn = await runTurn([first, goesOn(event(3), done(4))]);
    expect(turn).toMatchObject({ outcome: 'completed', detail: '', tokenEvents: 3 });
    expect(turn.continuity).toMatchObject({ resumes: 1, failedResumes: 0, gaps: 0, duplicates: 0 });
    expect(lastEventIds()).toEqual([undefined, 's:2']);
    expect(wire.exchanges[1]!.request).toMatchObject({ method: 'GET', path: '/chat/completions' });
  });

  it('asks again for an event that was cut before its blank line', async () => {
    const half = 'id: s:3\ndata: {"choices":[{"index":0,"delta":{"content":"t3 "}}]}\n';
    const turn = await runTurn([[...begin, body(1, half), fin()], goesOn(event(3), done(4))]);
    expect(lastEventIds()[1]).toBe('s:2');
    expect(turn).toMatchObject({ outcome: 'completed', tokenEvents: 3 });
    expect(turn.continuity).toMatchObject({ gaps: 0, duplicates: 0, cursorErrors: 0 });
  });

  it('counts the break into its gaps, as the reader sees it', async () => {
    const turn = await runTurn([[...begin, fin(7)], goesOn(event(3), done(4))], {
      policy: 'exponential',
      baseMs: 150,
      maxMs: 150,
    });
    // Last event at 20 ms, broken at 27, asked again at 177, the next event 10 ms later.
    expect(startedAtMs()).toEqual([0, 177]);
    expect(turn.reading.longestGapMs).toBe(167);
    expect(turn.continuity!.resumeLatenciesMs).toEqual([160]);
  });

  it('waits as long as the server wishes', async () => {
    const turn = await runTurn([
      [head(5), body(5, `retry: 200\n\n${event(1)}`), fin()],
      goesOn(event(2), done(3)),
    ]);
    expect(turn.outcome).toBe('completed');
    expect(startedAtMs()).toEqual([0, 10 + 200]);
  });

  it('tries again where the target is busy for a while, no earlier than it says', async () => {
    const busy = refusal(503, { error: {} }, { 'retry-after-ms': '120' });
    const turn = await runTurn([[...begin, fin()], busy, goesOn(event(3), done(4))]);
    expect(turn.outcome).toBe('completed');
    expect(turn.continuity).toMatchObject({ resumes: 1, failedResumes: 1, cursorErrors: 0 });
    expect(startedAtMs()).toEqual([0, 20, 20 + 120]);
  });

  it.each([
    [404, 1],
    [410, 1],
    [401, 0],
  ])('is over where the resume is answered with %i', async (status, cursorErrors) => {
    const gone = { error: { code: 'stream_expired', message: 'gone' } };
    const turn = await runTurn([[...begin, fin()], refusal(status, gone)]);
    expect(turn.outcome).toBe('truncated');
    expect(turn.detail).toContain(`not resumed: HTTP ${status} stream_expired`);
    expect(turn.continuity).toMatchObject({ resumes: 0, failedResumes: 1, cursorErrors });
    expect(wire.exchanges).toHaveLength(2);
  });

  it('is over where the server has nothing left', async () => {
    const turn = await runTurn([
      [...begin, fin()],
      [head(5, 204), ends()],
    ]);
    expect(turn).toMatchObject({ outcome: 'truncated' });
    expect(turn.detail).toContain('nothing was left (204)');
    expect(turn.continuity!.cursorErrors).toBe(0);
  });

  it('gives up after so many tries in a row, and a new event begins the count again', async () => {
    const cut = (...events: string[]): Script => [head(5), body(5, events.join('')), fin()];
    const turn = await runTurn([
      cut(event(1)),
      cut(),
      cut(),
      cut(event(2)),
      cut(),
      cut(),
      cut(event(2)), // Again: nothing new, and the third try since there was.
      cut(event(3)),
    ]);
    expect(turn.outcome).toBe('truncated');
    expect(turn.detail).toContain('not resumed after 3 tries');
    expect(turn.continuity).toMatchObject({ resumes: 2, duplicates: 1 });
    expect(wire.exchanges).toHaveLength(7);
  });

  it('does not try where the policy is to give up, or where nothing names the stream', async () => {
    const given = await runTurn([[...begin, fin()]], { policy: 'give_up' });
    expect(given).toMatchObject({ outcome: 'truncated', tokenEvents: 2 });
    expect(wire.exchanges).toHaveLength(1);
    const unnamed = await runTurn([[head(), body(0, chatDelta('a')), fin()]]);
    expect(unnamed.outcome).toBe('truncated');
    expect(unnamed.detail).toContain('nothing had come that names the stream');
    expect(unnamed.continuity!.numbered).toBe(false);
    expect(wire.exchanges).toHaveLength(1);
  });

  it('is a failure of its first request where that never began', async () => {
    const refused = await runTurn([refusal(400, { error: {} })]);
    expect(refused).toMatchObject({ outcome: 'http_error' });
    expect(wire.exchanges).toHaveLength(1);
  });

  it('continues after silence where it is told to, and is stalled where it is not', async () => {
    const script = [begin, goesOn(event(3), done(4))];
    const resumed = await runTurn(script, {}, { idleMs: 150 });
    expect(resumed).toMatchObject({ outcome: 'completed', tokenEvents: 3 });
    // The last byte came at 20 ms, and the test's sweeps are 20 ms apart.
    expect(wire.exchanges[0]!.cancelled).toMatchObject({ atMs: 180, how: 'rst' });
    expect(startedAtMs()).toEqual([0, 180]);
    const left = await runTurn(script, { stalled: false }, { idleMs: 150 });
    expect(left).toMatchObject({ outcome: 'stalled', tokenEvents: 2 });
    expect(wire.exchanges).toHaveLength(1);
  });

  it('stays stalled where nothing comes on the new connections either', async () => {
    const turn = await runTurn([begin, [head()]], { attempts: 2 }, { idleMs: 100 });
    expect(turn.outcome).toBe('stalled');
    expect(turn.detail).toContain('not resumed after 2 tries');
  });

  it('ends in time, also while it waits to try again', async () => {
    const turn = await runTurn(
      [[...begin, fin()]],
      { policy: 'exponential', baseMs: 60_000, maxMs: 60_000 },
      { totalMs: 300 },
    );
    expect(turn.outcome).toBe('timed_out');
    expect(wire.nowMs).toBe(320);
    expect(wire.exchanges).toHaveLength(1);
  });

  it('counts a first event that cannot be read as merged', async () => {
    const glued = 'data: {"choices":[{"indexid: s:3\n\n';
    const turn = await runTurn([[...begin, fin()], goesOn(glued)]);
    expect(turn.outcome).toBe('malformed');
    expect(turn.continuity!.merged).toBe(1);
  });

  it('sees where a resumed stream begins in the wrong place', async () => {
    const early = await runTurn([[...begin, fin()], goesOn(event(2), event(3), done(4))]);
    expect(early.continuity).toMatchObject({ cursorErrors: 1, duplicates: 1, gaps: 0 });
    expect(early.continuity!.resumedBytes).toBeGreaterThan(early.continuity!.newBytes);
    const late = await runTurn([[...begin, fin()], goesOn(event(4), done(5))]);
    expect(late.continuity).toMatchObject({ cursorErrors: 1, duplicates: 0, gaps: 1 });
  });
});

describe('the same on sockets', () => {
  it.each([
    ['FIN', { fin: true }],
    ['RST', { rst: true }],
  ] as const)('continues after %s', async (_, broken) => {
    const first = sseHead + chunk(event(1)) + chunk(event(2));
    const second = `${sseHead}${chunk(event(3))}${chunk(done(4))}0\r\n\r\n`;
    const server = await scriptedServer((request) =>
      request === 0 ? [{ send: first }, { waitMs: 30 }, broken] : [{ send: second }],
    );
    onTestFinished(() => server.close());
    const arm = planOf({});
    const { turns } = await runSession(arm, endpointFor(arm, server.baseUrl));
    expect(turns[0]).toMatchObject({ outcome: 'completed', detail: '', tokenEvents: 3 });
    expect(turns[0]!.continuity).toMatchObject({ resumes: 1, gaps: 0, duplicates: 0 });
    expect(server.requests[1]).toMatch(/^GET \/v1\/chat\/completions /);
    expect(server.requests[1]).toMatch(/last-event-id: s:2\r/i);
  });
});
