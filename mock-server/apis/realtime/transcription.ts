/**
 * Transcripts of what the client said. There is no speech recognition: the words are invented, as many as fit the
 * length of the audio, and the same for equal lengths.
 */
import { seededRng } from '../../../src/random/rng.ts';
import { estimateTokens } from '../../timing/plan-output.ts';
import { tokenText } from '../../timing/made-up-words.ts';
import type { Scheduled, Scheduler } from '../../../src/timer/scheduler.ts';
import type { EventWriter } from './events.ts';
import type { MessageItem } from './items.ts';
import type { Transcription } from './session-schema.ts';

/** Unhurried speech: about 150 words a minute. */
const msPerWord = 400;
/** A transcript is ready after a tenth of the audio's length, and never earlier than this. */
const leastDelayMs = 50;
/** Input audio is priced at a token per 100 ms. */
const audioTokenMs = 100;

export function inventWords(audioMs: number): string[] {
  const rng = seededRng(`transcript/${Math.round(audioMs)}`);
  const count = Math.max(1, Math.round(audioMs / msPerWord));
  return Array.from({ length: count }, (_, index) => {
    const word = tokenText(3 + Math.floor(rng() * 6), rng);
    return index === 0 ? word.trimStart() : word;
  });
}

/** Sends transcription events of committed items, each at its time. */
export class Transcriber {
  readonly #scheduler: Scheduler;
  readonly #writer: EventWriter;
  readonly #waiting = new Set<Scheduled>();

  constructor(scheduler: Scheduler, writer: EventWriter) {
    this.#scheduler = scheduler;
    this.#writer = writer;
  }

  /** @param item - a user message whose first part is audio; gets its transcript when it is ready. */
  transcribe(item: MessageItem, audioMs: number, settings: Transcription): void {
    const words = inventWords(audioMs);
    const whisper = settings.model === 'whisper-1';
    // whisper-1 gets all of the audio before it says anything; the others transcribe as they go.
    const deltas = whisper ? [words.join('')] : words;
    const totalMs = Math.max(leastDelayMs, audioMs / 10);
    const start = this.#scheduler.now();
    const place = { item_id: item.id, content_index: 0 };
    for (const [index, delta] of deltas.entries()) {
      this.#at(start + ((index + 1) / deltas.length) * totalMs * 1e6, () => {
        this.#writer.send('conversation.item.input_audio_transcription.delta', { ...place, delta });
      });
    }
    this.#at(start + totalMs * 1e6, () => {
      const transcript = words.join('');
      const part = item.content[0];
      if (part) part.transcript = transcript;
      this.#writer.send('conversation.item.input_audio_transcription.completed', {
        ...place,
        transcript,
        usage: whisper
          ? { type: 'duration', seconds: Math.ceil(audioMs / 1000) }
          : tokenUsage(audioMs, transcript),
      });
    });
  }

  close(): void {
    for (const entry of this.#waiting) entry.cancel();
    this.#waiting.clear();
  }

  #at(dueNs: number, action: () => void): void {
    const entry = this.#scheduler.at(dueNs, () => {
      this.#waiting.delete(entry);
      action();
    });
    this.#waiting.add(entry);
  }
}

function tokenUsage(audioMs: number, transcript: string): Record<string, unknown> {
  const input = Math.ceil(audioMs / audioTokenMs);
  const output = estimateTokens(transcript.length);
  return {
    type: 'tokens',
    total_tokens: input + output,
    input_tokens: input,
    input_token_details: { text_tokens: 0, audio_tokens: input },
    output_tokens: output,
  };
}
