/** Whatever a client sends, in whatever order: the session answers by its rules and lives on. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hush, noise } from '../../unit/mock-server/realtime/audio-fixtures.ts';
import {
  append,
  sessionUpdate,
  startSession,
  steadyPlan,
  userText,
  type Harness,
} from '../../unit/mock-server/realtime/harness.ts';

const loud = noise(300, 0.3);
const quiet = hush(400);

/** Ids that may or may not exist: the harness counts them from 1. */
const itemId = fc.integer({ min: 1, max: 60 }).map((n) => `item_${String(n).padStart(8, '0')}`);

const sensible = fc.oneof(
  fc.constant(userText('hi')),
  fc.constant(append(loud)),
  fc.constant(append(quiet)),
  fc.constantFrom<unknown>(
    { type: 'input_audio_buffer.commit' },
    { type: 'input_audio_buffer.clear' },
    { type: 'response.create' },
    { type: 'response.create', response: { conversation: 'none', output_modalities: ['text'] } },
    { type: 'response.cancel' },
    sessionUpdate({ audio: { input: { turn_detection: null } } }),
    sessionUpdate({ audio: { input: { turn_detection: { type: 'server_vad' } } } }),
    sessionUpdate({
      audio: { input: { turn_detection: { type: 'server_vad', interrupt_response: false } } },
    }),
    sessionUpdate({ audio: { input: { format: { type: 'audio/pcma' } } } }),
    sessionUpdate({ output_modalities: ['text'] }),
  ),
  itemId.map((id) => ({ type: 'conversation.item.retrieve', item_id: id })),
  itemId.map((id) => ({ type: 'conversation.item.delete', item_id: id })),
  fc.tuple(itemId, fc.nat(2000)).map(([id, ms]) => ({
    type: 'conversation.item.truncate',
    item_id: id,
    content_index: 0,
    audio_end_ms: ms,
  })),
);

const step = fc.oneof(
  { weight: 6, arbitrary: sensible.map((event) => JSON.stringify(event)) },
  { weight: 1, arbitrary: fc.json() },
  {
    weight: 1,
    arbitrary: fc
      .tuple(
        sensible,
        fc.constantFrom('item', 'response', 'session', 'audio', 'item_id'),
        fc.anything(),
      )
      // A sensible event with one member that is not.
      .map(([event, key, value]) => JSON.stringify({ ...(event as object), [key]: value }) ?? ''),
  },
  { weight: 1, arbitrary: fc.string() },
);

const steps = fc.array(fc.tuple(step, fc.constantFrom(0, 10, 60, 500)), {
  maxLength: 40,
  size: 'max',
});

function play(events: readonly (readonly [string, number])[]): Harness {
  const s = startSession({
    truth: true,
    plan: (request) =>
      steadyPlan(
        request.output.modality === 'audio' ? 'audio' : 'content',
        [50, 20, 20, 20],
        {},
        4,
      ),
  });
  for (const [text, pauseMs] of events) {
    s.session.receive(text);
    s.scheduler.advanceMs(pauseMs);
  }
  s.scheduler.advanceMs(60_000);
  return s;
}

describe('a Realtime session', () => {
  it('keeps the rules of the API', () => {
    fc.assert(
      fc.property(steps, (events) => {
        const s = play(events);
        // Nothing that went wrong was a mistake of the client.
        for (const { event } of s.of('error'))
          expect(event.error.type).toBe('invalid_request_error');
        const ids = s.sent.map((one) => one.event.event_id);
        expect(new Set(ids).size).toBe(ids.length);

        const running = new Map<string, boolean>();
        for (const { type, event } of s.sent) {
          if (type === 'response.created') {
            const inConversation = event.response.conversation_id !== null;
            // One at a time in the conversation.
            if (inConversation) expect([...running.values()]).not.toContain(true);
            running.set(event.response.id, inConversation);
          } else if (type === 'response.done') {
            expect(running.delete(event.response.id)).toBe(true);
            for (const item of event.response.output) expect(item.status).not.toBe('in_progress');
          } else if (event.response_id !== undefined) {
            expect(running.has(event.response_id)).toBe(true);
          }
        }
        expect(running.size).toBe(0);
        for (const note of s.notes) expect(note.ended).toBeDefined();
      }),
      { numRuns: 300 },
    );
  });

  it('opens what it closes, in every response', () => {
    fc.assert(
      fc.property(steps, (events) => {
        const s = play(events);
        const balance = (open: string, close: string): void => {
          expect(s.of(close).length, close).toBe(s.of(open).length);
        };
        balance('response.created', 'response.done');
        balance('response.output_item.added', 'response.output_item.done');
        balance('response.content_part.added', 'response.content_part.done');
        balance('conversation.item.added', 'conversation.item.done');
        expect(s.of('input_audio_buffer.speech_stopped').length).toBeLessThanOrEqual(
          s.of('input_audio_buffer.speech_started').length,
        );
      }),
      { numRuns: 200 },
    );
  });

  it('continues after anything', () => {
    fc.assert(
      fc.property(steps, (events) => {
        const s = play(events);
        s.tell({ type: 'input_audio_buffer.clear' });
        expect(s.types().at(-1)).toBe('input_audio_buffer.cleared');
        s.tell({ type: 'response.create', response: { output_modalities: ['text'] } });
        s.scheduler.advanceMs(1000);
        expect(s.last('response.done').event.response.status).toBe('completed');
      }),
      { numRuns: 100 },
    );
  });
});
