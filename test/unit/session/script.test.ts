import { describe, expect, it } from 'vitest';
import type { SessionScript, SessionStep } from '../../../src/scenario/plan.ts';
import { unroll } from '../../../src/session/script.ts';
import { askOnce } from '../../helpers/arm.ts';

const toolResult: SessionStep = {
  kind: 'tool_result',
  output: 'ok {{turn}}',
  maxTokens: { kind: 'uniform', low: 10, high: 100 },
  tools: [],
  toolChoice: 'required',
};

function script(steps: SessionStep[], extra: Partial<SessionScript> = {}): SessionScript {
  return { steps, prompts: [], promptOrder: 'sequential', variables: {}, ...extra };
}

describe('unroll', () => {
  it('unrolls repeats, numbers turns, fills placeholders', () => {
    const steps = [
      askOnce,
      {
        kind: 'repeat',
        times: 2,
        steps: [toolResult, { kind: 'think', ms: { kind: 'constant', value: 5 } }],
      },
    ] satisfies SessionStep[];
    const unrolled = [...unroll(script(steps), '1', 7)];
    expect(unrolled.map((step) => step.kind)).toEqual([
      'ask',
      'tool_result',
      'think',
      'tool_result',
      'think',
    ]);
    expect(unrolled[0]).toMatchObject({ prompt: 'Hello 7' });
    expect(unrolled[3]).toMatchObject({ output: 'ok 2' });
  });

  it('draws the same lengths for the same session and seed, others for others', () => {
    const steps = script([{ ...toolResult }]);
    const draw = (seed: string, session: number): unknown =>
      [...unroll(steps, seed, session)].map((step) =>
        step.kind === 'tool_result' ? step.drawnMaxTokens : undefined,
      );
    expect(draw('1', 3)).toEqual(draw('1', 3));
    expect(draw('1', 3)).not.toEqual(draw('1', 4));
    expect(draw('1', 3)).not.toEqual(draw('2', 3));
  });

  it('gives each session its own prompt, shuffled by the seed where asked', () => {
    const prompts = Array.from({ length: 20 }, (_, index) => `p${index}`);
    const steps: SessionStep[] = [{ ...askOnce, prompt: '{{prompt}}!' }];
    const texts = (order: 'sequential' | 'shuffled', seed: string): string[] =>
      Array.from({ length: 21 }, (_, session) => {
        const [step] = unroll(script(steps, { prompts, promptOrder: order }), seed, session);
        return step?.kind === 'ask' ? step.prompt : '';
      });
    expect(texts('sequential', '1').slice(0, 3)).toEqual(['p0!', 'p1!', 'p2!']);
    expect(texts('sequential', '1')[20]).toBe('p0!');
    const shuffled = texts('shuffled', '1');
    expect(shuffled).not.toEqual(texts('sequential', '1'));
    expect(shuffled.slice(0, 20).sort()).toEqual(prompts.map((text) => `${text}!`).sort());
    expect(shuffled).not.toEqual(texts('shuffled', '2'));
  });
});
