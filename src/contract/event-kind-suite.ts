/** The relay's quick look at an event says what the dialect's decoder says. */
import assert from 'node:assert/strict';
import type { Conversation, MeaningSink } from '../dialect/dialect.ts';
import { neutralOptions, type DialectOptions } from '../dialect/options.ts';
import type { TransportName } from '../transport/transport.ts';
import {
  dataOf,
  eventsOf,
  frameOf,
  type DialectSetUp,
  type SampleEvent,
} from './dialect-sample.ts';
import { checkUnclaimed, foreignTo } from './foreign-events.ts';
import type { TestTools } from './test-tools.ts';

/** Declares the tests of `Dialect.eventKind`. */
export function describeEventKinds({ dialect, sample }: DialectSetUp, tools: TestTools): void {
  const { describe, it } = tools;
  describe(`event kinds of ${dialect.name}`, () => {
    for (const transport of dialect.transports) {
      it(`are those of its decoder, over ${transport}`, () => {
        const events = eventsOf(sample);
        checkEventKinds({ dialect, sample }, transport, events);
        const kinds = events.map((event) => dialect.eventKind(dataOf(event), event.event ?? ''));
        assert.ok(kinds.some(({ token }) => token));
        assert.ok(kinds.some(({ terminal }) => terminal));
      });
    }

    it('are called as the event field says, where there is one', () => {
      for (const event of eventsOf(sample)) {
        const { name } = dialect.eventKind(dataOf(event), event.event ?? '');
        if (event.event !== undefined) assert.equal(name, event.event);
        assert.equal(dialect.eventKind(dataOf(event), 'some-name').name, 'some-name');
      }
    });

    it('can be asked of rubbish and of the beginning of an event', () => {
      for (const event of eventsOf(sample)) {
        const data = dataOf(event);
        for (let length = 0; length < data.length; length++) {
          dialect.eventKind(data.slice(0, length), event.event ?? '');
        }
      }
      // Where a token is any text without a name, rubbish is text as well.
      const anyText = sample.payload === 'text' && !sample.token.event;
      for (const data of ['', 'null', '3', '[]', '{}', '{"type":3}', '{"choices":[null]}']) {
        const { token, terminal } = dialect.eventKind(data, '');
        const expected = { token: anyText && token && data !== '', terminal: false };
        assert.deepEqual({ token, terminal }, expected, data);
      }
    });

    for (const foreign of foreignTo({ sample })) {
      it(`leaves ${foreign.what} to the dialect whose it is`, () => {
        checkUnclaimed({ dialect }, foreign);
      });
    }
  });
}

/**
 * Holds the kinds of events, each taken alone, to the decoder's word.
 *
 * @param events - of answers; from a sample, or as a server has sent them.
 * @throws AssertionError at the first that differs.
 */
export function checkEventKinds(
  { dialect, sample }: DialectSetUp,
  transport: TransportName,
  events: readonly SampleEvent[],
  options: DialectOptions = neutralOptions(dialect.options),
): void {
  const converse = (): Conversation =>
    dialect.start({
      transport,
      model: 'm',
      stream: transport !== 'http',
      dialectOptions: options,
      keepsHistory: false,
      extraBody: {},
    });
  for (const event of events) {
    const data = dataOf(event);
    const name = event.event ?? '';
    const meaning = meaningOf(converse(), event);
    const { token, terminal } = dialect.eventKind(data, name);
    assert.deepEqual(
      { token, terminal },
      {
        token: meaning.token,
        terminal: meaning.terminal || (sample.announcesEnd?.(data, name) ?? false),
      },
      `${name} ${data}`,
    );
  }
}

function meaningOf(conversation: Conversation, event: SampleEvent) {
  const meaning = { token: false, terminal: false };
  const nothing = (): void => {};
  const sink: MeaningSink = {
    position: nothing,
    progress: nothing,
    token: () => (meaning.token = true),
    usage: nothing,
    error: () => (meaning.terminal = true),
    terminal: () => (meaning.terminal = true),
    malformed: nothing,
    landmark: nothing,
  };
  conversation.decode(frameOf(event), sink);
  return meaning;
}
