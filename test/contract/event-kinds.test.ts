/**
 * The relay's quick look at events says the same as the dialects: which carry tokens, which end the
 * answer. Over samples, over what the mock really sends, and over documents made to mislead.
 */
import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startMock, type MockServer } from '../../mock-server/index.ts';
import {
  checkEventKinds,
  describeEventKinds,
  type DialectSetUp,
} from '../../src/contract/index.ts';
import { dataOf } from '../../src/contract/dialect-sample.ts';
import { eventKindReader } from '../../src/dialect/event-kind-readers.ts';
import { neutralOptions, type DialectOptions } from '../../src/dialect/options.ts';
import { dialectNames } from '../../src/dialect/registry.ts';
import type { EventKind } from '../../src/wire/event-kind.ts';
import { setUps } from '../helpers/dialect-samples.ts';
import { framesFromMock } from '../helpers/frames-from-mock.ts';

for (const setUp of setUps) describeEventKinds(setUp, { describe, it });

let mock: MockServer;
beforeAll(async () => {
  mock = await startMock({
    ttft: '1ms',
    itl: '0ms',
    tokens: 12,
    reasoning_tokens: 4,
    auto_tool_share: '100%',
    seed: '5',
  });
});
afterAll(() => mock.close());

function setUpOf(name: string): DialectSetUp {
  return setUps.find(({ dialect }) => dialect.name === name)!;
}

function kindOf(name: string, data: string): EventKind {
  return setUpOf(name).dialect.eventKind(data, '');
}

/** The neutral options, and each other value that an option lists. */
function variants({ options }: DialectSetUp['dialect']): DialectOptions[] {
  const neutral = neutralOptions(options);
  const others = Object.entries(options).flatMap(([key, option]) => {
    const { options: values = [] } = option.schema as { options?: readonly unknown[] };
    return values
      .filter((value) => value !== option.neutral)
      .map((value) => ({ ...neutral, [key]: value }));
  });
  return [neutral, ...others];
}

const questions = setUps.flatMap((setUp) =>
  setUp.dialect.transports
    .filter((transport) => transport !== 'http')
    .flatMap((transport) =>
      variants(setUp.dialect).flatMap((options) =>
        (setUp.dialect.supports.tools ? [false, true] : [false]).map((callsTool) => ({
          name: `${setUp.dialect.name} over ${transport} ${JSON.stringify(options)}${callsTool ? ', calling a tool' : ''}`,
          setUp,
          transport,
          options,
          callsTool,
        })),
      ),
    ),
);

describe('what the mock sends', () => {
  it.each(questions)('$name', async ({ setUp, transport, options, callsTool }) => {
    const { dialect } = setUp;
    const question = { dialect, transport, options, callsTool };
    const events = await framesFromMock(mock.baseUrl, question);
    const kinds = events.map(({ event = '', data }) => dialect.eventKind(data as string, event));
    expect(kinds.filter(({ token }) => token).length).toBeGreaterThan(0);
    expect(kinds.filter(({ terminal }) => terminal).length).toBeGreaterThan(0);
    checkEventKinds(setUp, transport, events, options);
    // Where it is not known which API passes, its events are still what it says they are.
    const any = eventKindReader(undefined);
    expect(events.map(({ event = '', data }) => any(data as string, event))).toEqual(kinds);
  });
});

it('the reader of a dialect is found by its name', () => {
  for (const name of dialectNames) {
    const { token } = setUpOf(name).sample;
    expect(eventKindReader(name)(dataOf(token), token.event ?? '').token).toBe(true);
  }
  expect(() => eventKindReader('none')).toThrow('there is no dialect none');
});

describe('documents made to mislead', () => {
  const text = fc.constantFrom(
    '',
    'a',
    '"delta":{"content":"x"}',
    '\\"type\\":\\"error\\"',
    '}{',
    '日本',
  );
  const chatChoice = fc.record({
    index: fc.constant(0),
    delta: fc.record(
      {
        role: fc.constant('assistant'),
        content: fc.option(text),
        reasoning_content: text,
        refusal: fc.option(text),
        tool_calls: fc.array(
          fc.record({
            index: fc.constant(0),
            type: fc.constant('function'),
            function: fc.record({ arguments: text }),
          }),
          { maxLength: 2 },
        ),
      },
      { requiredKeys: [] },
    ),
    finish_reason: fc.constantFrom(null, 'stop', 'length'),
  });
  const chatChunk = fc.record(
    {
      id: text,
      object: fc.constant('chat.completion.chunk'),
      choices: fc.array(chatChoice, { maxLength: 2 }),
      usage: fc.constantFrom(null, { total_tokens: 1 }),
    },
    { requiredKeys: ['choices', 'object'] },
  );

  it('chat', () => {
    fc.assert(
      fc.property(chatChunk, (chunk) => {
        const data = JSON.stringify(chunk);
        checkEventKinds(setUpOf('openai-chat'), 'sse', [{ data }]);
        expect(kindOf('openai-chat', data).name).toBe('chat.completion.chunk');
      }),
      { numRuns: 500 },
    );
  });

  it('responses and realtime', () => {
    const type = fc.constantFrom(
      'response.created',
      'response.output_text.delta',
      'response.reasoning_summary_text.delta',
      'response.function_call_arguments.delta',
      'response.output_text.done',
      'response.completed',
      'response.failed',
      'error',
      'keepalive',
    );
    fc.assert(
      fc.property(type, text, text, fc.boolean(), (name, delta, other, typeFirst) => {
        const rest = { item_id: other, delta, part: { type: 'x', delta: 'y' } };
        const data = JSON.stringify(typeFirst ? { type: name, ...rest } : { ...rest, type: name });
        checkEventKinds(setUpOf('openai-responses'), 'sse', [{ data }]);
        expect(kindOf('openai-responses', data).name).toBe(name);
      }),
      { numRuns: 500 },
    );
  });

  it('finds the type of an event of which only the beginning is there', () => {
    const whole = JSON.stringify({
      type: 'response.output_audio.delta',
      event_id: 'e',
      delta: 'A'.repeat(99),
    });
    expect(kindOf('openai-realtime', whole.slice(0, 80))).toEqual({
      name: 'response.output_audio.delta',
      token: true,
      terminal: false,
    });
    const late = JSON.stringify({
      sequence_number: 4,
      type: 'response.completed',
      response: { output: 'x'.repeat(99) },
    });
    expect(kindOf('openai-responses', late.slice(0, 90)).terminal).toBe(true);
  });
});
