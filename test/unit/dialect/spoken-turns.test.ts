/** How a spoken turn is sent, and when its clock starts. */
import { describe, expect, it } from 'vitest';
import type { Conversation, TurnInput } from '../../../src/dialect/dialect.ts';
import { input, start } from '../../helpers/conversation.ts';

describe('spoken turns of openai-realtime', () => {
  const pcm = new Uint8Array(48 * 250);
  const spoken: TurnInput = { ...input, content: { kind: 'audio', pcm, chunkMs: 100 } };
  const types = (conversation: Conversation): string[] =>
    conversation.ask(spoken).messages!.map((message) => String(message.body['type']));

  it('are paced, committed and asked for with push-to-talk', () => {
    const conversation = start('openai-realtime', 'websocket');
    expect(types(conversation)).toEqual([
      'session.update',
      'input_audio_buffer.append',
      'input_audio_buffer.append',
      'input_audio_buffer.append',
      'input_audio_buffer.commit',
      'response.create',
    ]);
    const messages = conversation.ask(spoken).messages!;
    expect(messages.filter((message) => message.afterMs === 100)).toHaveLength(3);
    expect(messages.at(-1)!.startsClock).toBe(true);
  });

  it('start the clock at the last chunk of speech under server VAD, and send silence after it', () => {
    const conversation = start('openai-realtime', 'websocket', {
      modality: 'audio',
      turn_detection: 'server_vad',
    });
    const { messages } = conversation.ask({ ...spoken, tools: [], instructions: undefined });
    const clock = messages!.findIndex((message) => message.startsClock);
    expect(clock).toBe(2);
    expect(messages!.length).toBeGreaterThan(10);
  });
});
