/** What becomes of a turn whose stream breaks: which breaks are mended, when, how often, and what is told. */
import { afterEach, describe, expect, it } from 'vitest';
import type { ReconnectPlan } from '../../../src/scenario/plan.ts';
import type { TurnRecord } from '../../../src/session/turn.ts';
import { armPlan, endpointFor, runSession } from '../../helpers/arm.ts';
import { atOnce } from '../../helpers/resume.ts';
import {
  chatDelta,
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

/** The n-th event of a stream, as a server that numbers its events sends it. */
const event = (n: number, extra = ''): string =>
  chunk(`id: s:${n}\n${extra}${chatDelta(`t${n} `)}`);
const done = (n: number): string => `${chunk(`id: s:${n}\ndata: [DONE]\n\n`)}0\r\n\r\n`;
const begin = sseHead + event(1) + event(2);

async function runTurn(
  script: readonly (readonly Action[])[],
  reconnect: Partial<ReconnectPlan> = {},
  timeouts: Partial<{ idleMs: number; totalMs: number }> = {},
): Promise<TurnRecord> {
  server = await scriptedServer((request) => script[Math.min(request, script.length - 1)]!);
  const arm = armPlan({
    reconnect: { ...atOnce, attempts: 3, ...reconnect },
    timeouts: { connectMs: 2000, idleMs: 2000, totalMs: 5000, ...timeouts },
  });
  const { turns } = await runSession(arm, endpointFor(arm, server.baseUrl));
  expect(turns).toHaveLength(1);
  return turns[0]!;
}

const lastEventIds = (): (string | undefined)[] =>
  server!.requests.map((request) => /last-event-id: (.*)\r/i.exec(request)?.[1]);

describe('a turn whose stream breaks', () => {
  it.each([
    ['FIN in mid-framing', [{ send: begin }, { fin: true }]],
    ['RST', [{ send: begin }, { waitMs: 30 }, { rst: true }]],
    ['a clean end without the terminal event', [{ send: `${begin}0\r\n\r\n` }]],
  ] satisfies [string, Action[]][])('goes on after %s', async (_, first) => {
    const turn = await runTurn([first, [{ send: sseHead + event(3) + done(4) }]]);
    expect(turn).toMatchObject({ outcome: 'completed', detail: '', tokenEvents: 3 });
    expect(turn.continuity).toMatchObject({ resumes: 1, failedResumes: 0, gaps: 0, duplicates: 0 });
    expect(lastEventIds()).toEqual([undefined, 's:2']);
    expect(server!.requests[1]).toMatch(/^GET \/v1\/chat\/completions /);
  });

  it('asks again for an event that was cut before its blank line', async () => {
    const half = chunk('id: s:3\ndata: {"choices":[{"index":0,"delta":{"content":"t3 "}}]}\n');
    const turn = await runTurn([
      [{ send: begin + half }, { fin: true }],
      [{ send: sseHead + event(3) + done(4) }],
    ]);
    expect(lastEventIds()[1]).toBe('s:2');
    expect(turn).toMatchObject({ outcome: 'completed', tokenEvents: 3 });
    expect(turn.continuity).toMatchObject({ gaps: 0, duplicates: 0, cursorErrors: 0 });
  });

  it('counts the break into its gaps, as the reader sees it', async () => {
    const turn = await runTurn(
      [[{ send: begin }, { fin: true }], [{ send: sseHead + event(3) + done(4) }]],
      { policy: 'exponential', baseMs: 150, maxMs: 150 },
    );
    expect(turn.reading.longestGapMs).toBeGreaterThan(140);
    expect(turn.continuity!.resumeLatenciesMs).toHaveLength(1);
    expect(turn.continuity!.resumeLatenciesMs[0]).toBeGreaterThan(140);
  });

  it('waits as long as the server wishes', async () => {
    const turn = await runTurn([
      [{ send: sseHead + chunk('retry: 200\n\n') + event(1) }, { fin: true }],
      [{ send: sseHead + event(2) + done(3) }],
    ]);
    expect(turn.outcome).toBe('completed');
    expect(turn.continuity!.resumeLatenciesMs[0]).toBeGreaterThan(190);
  });

  it('tries again where the target is busy for a while, no sooner than it says', async () => {
    const busy = jsonResponse('503 Busy', { error: {} }, 'Retry-After-Ms: 120\r\n');
    const turn = await runTurn([
      [{ send: begin }, { fin: true }],
      [{ send: busy }],
      [{ send: sseHead + event(3) + done(4) }],
    ]);
    expect(turn.outcome).toBe('completed');
    expect(turn.continuity).toMatchObject({ resumes: 1, failedResumes: 1, cursorErrors: 0 });
    expect(turn.continuity!.resumeLatenciesMs[0]).toBeGreaterThan(110);
  });

  it.each([
    ['404 Not Found', 1],
    ['410 Gone', 1],
    ['401 Unauthorized', 0],
  ])('is over where the resume is answered with %s', async (status, cursorErrors) => {
    const body = { error: { code: 'stream_expired', message: 'gone' } };
    const turn = await runTurn([
      [{ send: begin }, { fin: true }],
      [{ send: jsonResponse(status, body) }],
    ]);
    expect(turn.outcome).toBe('truncated');
    expect(turn.detail).toContain(`not resumed: HTTP ${status.slice(0, 3)} stream_expired`);
    expect(turn.continuity).toMatchObject({ resumes: 0, failedResumes: 1, cursorErrors });
    expect(server!.requests).toHaveLength(2);
  });

  it('is over where the server has nothing left', async () => {
    const turn = await runTurn([
      [{ send: begin }, { fin: true }],
      [{ send: 'HTTP/1.1 204 No Content\r\n\r\n' }],
    ]);
    expect(turn).toMatchObject({ outcome: 'truncated' });
    expect(turn.detail).toContain('nothing was left (204)');
    expect(turn.continuity!.cursorErrors).toBe(0);
  });

  it('gives up after so many tries in a row, and a new event begins the count anew', async () => {
    const cut = (...events: string[]): Action[] => [
      { send: sseHead + events.join('') },
      { fin: true },
    ];
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
    expect(server!.requests).toHaveLength(7);
  });

  it('does not try where the policy is to give up, or where nothing names the stream', async () => {
    const given = await runTurn([[{ send: begin }, { fin: true }]], { policy: 'give_up' });
    expect(given).toMatchObject({ outcome: 'truncated', tokenEvents: 2 });
    expect(server!.requests).toHaveLength(1);
    await server!.close();
    const unnamed = await runTurn([[{ send: sseHead + chunk(chatDelta('a')) }, { fin: true }]]);
    expect(unnamed.outcome).toBe('truncated');
    expect(unnamed.detail).toContain('nothing had come that names the stream');
    expect(unnamed.continuity!.numbered).toBe(false);
    expect(server!.requests).toHaveLength(1);
  });

  it('is a failure of its first request where that never began', async () => {
    const refused = await runTurn([[{ send: jsonResponse('400 Bad Request', { error: {} }) }]]);
    expect(refused).toMatchObject({ outcome: 'http_error' });
    expect(server!.requests).toHaveLength(1);
  });

  it('goes on after silence where it is told to, and is stalled where it is not', async () => {
    const script: Action[][] = [[{ send: begin }], [{ send: sseHead + event(3) + done(4) }]];
    const mended = await runTurn(script, {}, { idleMs: 150 });
    expect(mended).toMatchObject({ outcome: 'completed', tokenEvents: 3 });
    await server!.close();
    const left = await runTurn(script, { stalled: false }, { idleMs: 150 });
    expect(left).toMatchObject({ outcome: 'stalled', tokenEvents: 2 });
    expect(server!.requests).toHaveLength(1);
  });

  it('stays stalled where nothing comes on the new connections either', async () => {
    const turn = await runTurn(
      [[{ send: begin }], [{ send: sseHead }]],
      { attempts: 2 },
      { idleMs: 100 },
    );
    expect(turn.outcome).toBe('stalled');
    expect(turn.detail).toContain('not resumed after 2 tries');
  });

  it('ends in time, also while it waits to try again', async () => {
    const turn = await runTurn(
      [[{ send: begin }, { fin: true }]],
      { policy: 'exponential', baseMs: 60_000, maxMs: 60_000 },
      { totalMs: 300 },
    );
    expect(turn.outcome).toBe('timed_out');
    expect(server!.requests).toHaveLength(1);
  });

  it('counts a first event that cannot be read as merged', async () => {
    const glued = chunk('data: {"choices":[{"indexid: s:3\n\n');
    const turn = await runTurn([[{ send: begin }, { fin: true }], [{ send: sseHead + glued }]]);
    expect(turn.outcome).toBe('malformed');
    expect(turn.continuity!.merged).toBe(1);
  });

  it('sees where a resumed stream begins in the wrong place', async () => {
    const early = await runTurn([
      [{ send: begin }, { fin: true }],
      [{ send: sseHead + event(2) + event(3) + done(4) }],
    ]);
    expect(early.continuity).toMatchObject({ cursorErrors: 1, duplicates: 1, gaps: 0 });
    expect(early.continuity!.resumedBytes).toBeGreaterThan(early.continuity!.newBytes);
    await server!.close();
    const late = await runTurn([
      [{ send: begin }, { fin: true }],
      [{ send: sseHead + event(4) + done(5) }],
    ]);
    expect(late.continuity).toMatchObject({ cursorErrors: 1, duplicates: 0, gaps: 1 });
  });
});
