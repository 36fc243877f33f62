import type { IncomingMessage } from 'node:http';
import { describe, expect, it } from 'vitest';
import { resolveMockOptions } from '../../../mock-server/settings/resolve-options.ts';
import { paused, timingOverride } from '../../../mock-server/http/timing-override.ts';
import { planOutput } from '../../../mock-server/timing/plan-output.ts';
import { dataOf, mockForTest } from '../../e2e/mock-server/harness.ts';

const settings = resolveMockOptions({ ttft: '50ms', itl: 'gamma(20ms, 0.5)', tokens: 30 });
const asked = (timing?: object) =>
  timingOverride(settings, {
    headers: timing ? { 'x-streamgauge-timing': JSON.stringify(timing) } : {},
  } as unknown as IncomingMessage);
const planOf = (timing?: object) => {
  const override = asked(timing);
  const plan = planOutput(override.settings, {
    seedKey: '1.1',
    inputTokens: 10,
    maxTokens: undefined,
    tools: [],
    toolChoice: 'none',
    reasoning: false,
    modality: 'text',
  });
  return paused(plan, override.pause);
};

describe('timing that a request asks for', () => {
  it('is that of the server where it asks for none', () => {
    expect(asked().settings).toBe(settings);
  });

  it('makes the same gaps four times as long, and leaves the first token', () => {
    const usual = planOf().pieces.map((piece) => piece.atMs);
    const slow = planOf({ itl_times: 4 }).pieces.map((piece) => piece.atMs);
    expect(slow[0]).toBe(usual[0]);
    for (const [index, at] of slow.entries()) {
      expect(at - 50).toBeCloseTo(4 * (usual[index]! - 50), 6);
    }
  });

  it('makes tokens larger at the same times', () => {
    const large = planOf({ token_bytes: '800B' });
    expect(large.pieces.map((piece) => piece.atMs)).toEqual(planOf().pieces.map((p) => p.atMs));
    expect(large.pieces[5]!.text.length).toBeGreaterThan(700);
  });

  it('puts a silence where it is asked for', () => {
    const plan = planOf({ pause: { after: 5, length: '3s' }, tokens: 10 });
    const gaps = plan.pieces.slice(1).map((piece, index) => piece.atMs - plan.pieces[index]!.atMs);
    expect(plan.pieces).toHaveLength(10);
    expect(gaps.filter((gap) => gap > 2900)).toHaveLength(1);
    expect(gaps[4]).toBeGreaterThan(2900);
    expect(plan.endMs).toBeGreaterThan(3000);
  });

  it.each([
    '{',
    '{"itll":"5ms"}',
    '{"itl":"five"}',
    '{"heartbeat":"1ms"}',
    '{"pause":{"after":0,"length":"1s"}}',
  ])('refuses %s by name', async (text) => {
    const mock = await mockForTest();
    const answer = await fetch(`${mock.baseUrl}/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-streamgauge-timing': text },
      body: JSON.stringify({
        model: 'm',
        stream: true,
        messages: [{ role: 'user', content: 'x' }],
      }),
    });
    expect(answer.status).toBe(400);
    expect(await answer.text()).toContain('x-streamgauge-timing');
  });

  it.each(['chat/completions', 'responses'])(
    'is taken by /v1/%s, with comments in silences',
    async (api) => {
      const mock = await mockForTest();
      const body =
        api === 'responses'
          ? { model: 'm', stream: true, input: 'x' }
          : { model: 'm', stream: true, messages: [{ role: 'user', content: 'x' }] };
      const answer = await fetch(`${mock.baseUrl}/${api}`, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          'x-streamgauge-timing':
            '{"tokens":4,"pause":{"after":2,"length":"600ms"},"heartbeat":"50ms"}',
        },
        body: JSON.stringify(body),
      });
      expect(answer.headers.get('x-streamgauge-timing')).toBe('accepted');
      const text = await answer.text();
      // Eleven on an idle machine.
      expect(text.split(': keep-alive\n\n').length).toBeGreaterThan(2);
      expect(dataOf(text).length).toBeGreaterThan(5);
    },
  );
});
