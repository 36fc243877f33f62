/**
 * Events of other APIs. A relay that has not been told what it carries asks every dialect in turn, and the
 * first that claims an event decides: one that claims another's breaks it for all.
 */
import assert from 'node:assert/strict';
import { dataOf, eventsOf, type DialectSetUp, type SampleEvent } from './dialect-sample.ts';

interface ForeignEvent {
  /** For the name of a test. */
  what: string;
  event: SampleEvent;
  /** What the event itself says that it is called; a reader that is not of this API may say so too. */
  itsName: string;
  /** Whether an event is of the same family: the event is not foreign to a dialect whose sample has one. */
  readonly isKin: (event: SampleEvent) => boolean;
}

const dataMatches =
  (pattern: RegExp) =>
  (event: SampleEvent): boolean =>
    pattern.test(dataOf(event));

/** Not foreign to whoever takes any data without a name for its own. */
function isPlainText(event: SampleEvent): boolean {
  const data = dataOf(event);
  return event.event === undefined && data !== '[DONE]' && !data.startsWith('{');
}

const foreignEvents: readonly ForeignEvent[] = [
  {
    what: 'a chat completion chunk',
    itsName: 'chat.completion.chunk',
    event: {
      data: {
        id: 'chatcmpl-1',
        object: 'chat.completion.chunk',
        model: 'm',
        choices: [{ index: 0, delta: { content: 'text' }, finish_reason: null }],
      },
    },
    isKin: dataMatches(/"choices":/),
  },
  {
    what: 'a delta of the Responses API',
    itsName: 'response.output_text.delta',
    event: {
      event: 'response.output_text.delta',
      data: { type: 'response.output_text.delta', output_index: 0, delta: 'text' },
    },
    isKin: dataMatches(/"type":\s*"response\./),
  },
  {
    what: 'the end of a Realtime answer',
    itsName: 'response.done',
    event: {
      data: { type: 'response.done', event_id: 'event_1', response: { status: 'completed' } },
    },
    isKin: dataMatches(/"type":\s*"response\./),
  },
  {
    what: 'a delta of the Messages API',
    itsName: 'content_block_delta',
    event: {
      event: 'content_block_delta',
      data: {
        type: 'content_block_delta',
        index: 0,
        delta: { type: 'text_delta', text: 'text' },
      },
    },
    isKin: dataMatches(/"type":\s*"content_block_/),
  },
  {
    what: 'the end of a message of the Messages API',
    itsName: 'message_stop',
    event: { event: 'message_stop', data: { type: 'message_stop' } },
    isKin: dataMatches(/"type":\s*"message_/),
  },
  {
    what: 'plain text',
    itsName: '',
    event: { data: 'some "text": and "delta"' },
    isKin: isPlainText,
  },
];

/** The events that are none of a dialect's, going by its sample. */
export function foreignTo({ sample }: Pick<DialectSetUp, 'sample'>): readonly ForeignEvent[] {
  const its = eventsOf(sample);
  return foreignEvents.filter(({ isKin }) => !its.some(isKin));
}

/** @throws AssertionError where the dialect claims the event. */
export function checkUnclaimed(
  { dialect }: Pick<DialectSetUp, 'dialect'>,
  { event, itsName }: ForeignEvent,
): void {
  const kind = dialect.eventKind(dataOf(event), event.event ?? '');
  assert.deepEqual(
    { token: kind.token, terminal: kind.terminal },
    { token: false, terminal: false },
  );
  assert.ok(['', itsName].includes(kind.name), `is called ${kind.name}`);
}
