/** The shortcut must never say anything else than a full parse does. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { chatContentDelta } from '../../src/dialect/members/openai-chat/fast-delta.ts';
import { responsesTextDelta } from '../../src/dialect/members/openai-responses/fast-delta.ts';

const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 20 }),
  fc.constantFrom(
    '"delta":{"content":"x"}',
    '\\',
    '"',
    '","finish_reason":null',
    '"type":"response.output_text.delta"',
    '}',
    'plain words',
  ),
);

describe('chatContentDelta', () => {
  const delta = fc.oneof(
    { weight: 5, arbitrary: fc.record({ content: text }) },
    fc.record({ content: text, role: fc.constant('assistant') }),
    fc.record({ role: fc.constant('assistant'), content: text }),
    fc.record({ reasoning_content: text }),
    fc.record({ content: fc.constant(null), tool_calls: fc.constant([{ index: 0 }]) }),
    fc.constant({}),
  );
  const choice = fc.record({
    index: fc.nat(3),
    delta,
    logprobs: fc.constant(null),
    finish_reason: fc.constantFrom(null, null, null, 'stop'),
  });
  const chunk = fc.record(
    {
      id: text,
      object: fc.constant('chat.completion.chunk'),
      choices: fc.oneof(
        { weight: 3, arbitrary: fc.tuple(choice) },
        { weight: 1, arbitrary: fc.array(choice, { maxLength: 2 }) },
      ),
      usage: fc.constantFrom(null, null, null, { completion_tokens: 3 }),
      obfuscation: text,
      error: fc.oneof(
        { weight: 5, arbitrary: fc.constant(undefined) },
        { weight: 1, arbitrary: fc.record({ message: text }) },
      ),
    },
    { requiredKeys: ['id', 'object', 'choices'] },
  );

  it('agrees with a full parse wherever it answers', () => {
    let answered = 0;
    fc.assert(
      fc.property(chunk, fc.nat(), (json, cut) => {
        for (const data of [JSON.stringify(json), JSON.stringify(json).slice(0, cut)]) {
          const fast = chatContentDelta(data);
          if (fast === undefined) continue;
          answered++;
          const parsed = JSON.parse(data) as typeof json;
          expect(parsed.choices).toHaveLength(1);
          expect(parsed.choices[0].delta).toEqual({ content: fast });
          expect(parsed.choices[0].finish_reason).toBeNull();
          expect(parsed.usage ?? null).toBeNull();
          expect(parsed.error).toBeUndefined();
        }
      }),
      { numRuns: 2000, seed: 7 },
    );
    expect(answered).toBeGreaterThan(20);
  });

  it('answers for the usual chunk', () => {
    const data =
      '{"id":"c","object":"chat.completion.chunk","choices":[{"index":0,"delta":{"content":" héllo"},"logprobs":null,"finish_reason":null}],"obfuscation":"x"}';
    expect(chatContentDelta(data)).toBe(' héllo');
  });
});

describe('responsesTextDelta', () => {
  const event = fc.record(
    {
      type: fc.constantFrom(
        'response.output_text.delta',
        'response.output_text.delta',
        'response.output_text.done',
        'response.function_call_arguments.delta',
      ),
      sequence_number: fc.nat(),
      item_id: text,
      delta: text,
      logprobs: fc.constant([]),
      obfuscation: text,
    },
    { requiredKeys: ['type', 'sequence_number'] },
  );

  it('agrees with a full parse wherever it answers', () => {
    let answered = 0;
    fc.assert(
      fc.property(event, fc.nat(), (json, cut) => {
        for (const data of [JSON.stringify(json), JSON.stringify(json).slice(0, cut)]) {
          const fast = responsesTextDelta(data);
          if (fast === undefined) continue;
          answered++;
          expect(JSON.parse(data)).toMatchObject({
            type: 'response.output_text.delta',
            delta: fast,
          });
        }
      }),
      { numRuns: 2000, seed: 7 },
    );
    expect(answered).toBeGreaterThan(100);
  });
});
