/** Gates and heat maps on landmarks: accepted where a dialect of the arms declares them. */
import { describe, expect, it } from 'vitest';
import { load, minimal, mistakes, summary } from '../../helpers/scenario.ts';

const withGates = (...gates: string[]): string =>
  `${minimal}gates:\n${gates.map((gate) => `  - ${JSON.stringify(gate)}`).join('\n')}\n`;
const twoArms = `${minimal}arms:
  chat: { dialect: openai-chat }
  plain: { dialect: text-streams }
`;

describe('a gate on a landmark', () => {
  it('is accepted where the dialect of an arm declares it', () => {
    const { gates } = load(withGates('arguments_complete.p95 < 800ms'));
    expect(gates[0]!.left).toEqual({
      arm: undefined,
      metric: 'arguments_complete',
      statistic: { kind: 'percentile', percent: 95 },
    });
    const both = load(`${twoArms}gates: ["first_source.p50 < 1s", "chat.first_source.max < 2s"]`);
    expect(both.gates).toHaveLength(2);
  });

  it('compares arms', () => {
    const text = `${minimal}dialect: openai-responses
arms: { a: {}, b: { transport: websocket } }
gates: ["a.first_source.p50 vs b <= +0%"]
`;
    expect(load(text).gates[0]!.right).toMatchObject({ operand: { arm: 'b' }, factor: 1 });
  });

  it('is unknown where no dialect declares it, and says what was meant where one does', () => {
    const [error] = mistakes(`dialect: text-streams\n${withGates('first_source.p50 < 1s')}`);
    expect(error).toMatchObject({ code: 'gate-syntax' });
    expect(error!.message).toContain('unknown metric "first_source"');
    const [mistyped] = mistakes(withGates('first_sorce.p50 < 1s'));
    expect(mistyped!.hints).toEqual(['did you mean "first_source"?']);
    const [none] = mistakes(withGates('wholly_else.p50 < 1s'));
    expect(none!.hints.join()).toMatch(/metrics: connect, .*first_source/);
  });

  it('needs a time and a statistic, as any distribution of times', () => {
    expect(mistakes(withGates('first_source < 1s'))[0]!.message).toContain('has many values');
    expect(mistakes(withGates('first_source.p50 < 1%'))[0]!.hints[0]).toContain('time (400ms, 2s)');
  });

  it('must not name an arm whose dialect does not report it', () => {
    const found = mistakes(
      `${twoArms}gates: ["plain.first_source.p50 < 1s", "chat.first_source.p50 vs plain <= +0%"]\n`,
    );
    expect(summary(found)).toEqual(['unreported-landmark @ plain', 'unreported-landmark @ plain']);
    expect(found[0]!.message).toBe('the dialect of "plain" does not report first_source');
    expect(found[0]!.hints[0]).toBe('arms that do: chat');
  });

  it('stands for those variants of an arm that can report it', () => {
    const text = `${minimal}matrix: { dialect: [openai-chat, text-streams] }
arms: { a: {} }
gates: ["a.first_source.p50 < 1s"]
`;
    expect(load(text).gates).toHaveLength(1);
  });

  it('is not called unknown where it is its dialect that is misspelt', () => {
    const text = `dialect: openai-responsess\n${withGates('arguments_complete.p95 < 1s')}`;
    expect(
      summary(mistakes(`dialect: opnai-realtime\n${withGates('first_transcript.p95 < 1s')}`)),
    ).toEqual(['bad-value @ opnai-realtime']);
    expect(summary(mistakes(text))).toEqual(['bad-value @ openai-responsess']);
  });
});

describe('a heat map of a landmark', () => {
  const heat = (dialect: string): string =>
    `dialect: ${dialect}\n${minimal}matrix: { network.rtt: [1ms, 5ms] }\nheatmap: [first_source.p95]\n`;

  it('is accepted where a dialect declares it, and nowhere else', () => {
    expect(load(heat('openai-chat')).heatmap).toEqual(['first_source.p95']);
    expect(summary(mistakes(heat('text-streams')))).toEqual(['heatmap-syntax @ first_source']);
    expect(summary(mistakes(heat('opnai')))).toEqual(['bad-value @ opnai']);
  });
});
