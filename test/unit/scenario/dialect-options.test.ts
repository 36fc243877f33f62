/** Options that belong to one API: who may have them, and what arms of other APIs may say. */
import { describe, expect, it } from 'vitest';
import { load, minimal, mistakes, summary } from '../../helpers/scenario.ts';

const withLines = (...lines: string[]): string => [minimal, ...lines].join('\n');
const options = (...lines: string[]) =>
  load(withLines(...lines)).arms.map(({ dialectOptions }) => dialectOptions);

describe('options of a dialect', () => {
  it('are complete in the plan, with the defaults that the dialect names', () => {
    expect(options('dialect: openai-chat')).toEqual([{}]);
    expect(options('dialect: openai-responses')).toEqual([{ background: false }]);
    expect(options('dialect: openai-responses', 'background: true')).toEqual([
      { background: true },
    ]);
    expect(options('dialect: openai-realtime', 'modality: audio')).toEqual([
      { modality: 'audio', turn_detection: 'none' },
    ]);
  });

  it('may stand at the top level, and an arm overrides them', () => {
    const arms = 'arms: { a: {}, b: { modality: text }, c: { turn_detection: server_vad } }';
    expect(options('dialect: openai-realtime', 'modality: audio', arms)).toEqual([
      { modality: 'audio', turn_detection: 'none' },
      { modality: 'text', turn_detection: 'none' },
      { modality: 'audio', turn_detection: 'server_vad' },
    ]);
  });

  it('do no harm at their default where the dialect does not have them', () => {
    expect(
      options(
        'dialect: openai-chat',
        'modality: text',
        'turn_detection: none',
        'background: false',
      ),
    ).toEqual([{}]);
  });

  it('are an error with any other value, which names the dialects that have them', () => {
    const found = mistakes(
      withLines('modality: audio', 'arms: { a: { dialect: openai-realtime }, b: {}, c: {} }'),
    );
    // Of the default of all arms, it is said once.
    expect(summary(found)).toEqual(['option-mismatch @ audio']);
    expect(found[0]!.message).toBe('openai-chat has no modality');
    expect(found[0]!.hints.join('\n')).toContain('dialect: openai-realtime');
    expect(summary(mistakes(withLines('background: true')))).toEqual(['option-mismatch @ true']);
  });

  it.each([
    ['modality: loud', 'bad-value @ loud'],
    ['background: yes please', 'wrong-type @ yes please'],
    ['turn_detectoin: none', 'unknown-key @ turn_detectoin'],
  ])('are checked: %s', (line, expected) => {
    expect(summary(mistakes(withLines('dialect: openai-realtime', line)))).toEqual([expected]);
  });

  it('may be one that the API has not on this transport', () => {
    const found = mistakes(
      withLines('dialect: openai-responses', 'transport: websocket', 'background: true'),
    );
    expect(summary(found)).toEqual(['option-mismatch @ true']);
    expect(found[0]!.message).toContain('no background mode over websocket');
  });
});
