/**
 * What the client says: appended audio, who decides that a turn is over, and the conversation item
 * it becomes.
 */
import type { AudioFormat } from './audio/format.ts';
import { bytesPerMs } from './audio/format.ts';
import { InputAudioBuffer } from './audio/input-buffer.ts';
import { VoiceActivityDetector, type VadEvent } from './audio/vad.ts';
import type { EventWriter } from './events.ts';
import { withoutAudio, type Conversation, type MessageItem } from './items.ts';
import { EventProblem } from './problem.ts';
import { vadSettings, type AudioInput } from './session-config.ts';

/** Largest `audio` of one append, in base64 characters: the API's 15 MiB per event. */
const maxAppendChars = 15 * 1024 * 1024;
/** A shorter buffer cannot be committed, ms. */
const leastCommitMs = 100;
/** Audio held without a commit, ms; only push-to-talk clients can get there. */
const mostHeldMs = 10 * 60 * 1000;

export interface TurnListener {
  speechStarted(): void;
  /** @param detected - whether voice detection ended the turn, rather than the client. */
  committed(item: MessageItem, audioMs: number, detected: boolean): void;
}

export interface InputAudioOptions {
  config: AudioInput;
  conversation: Conversation;
  writer: EventWriter;
  newId: (prefix: string) => string;
  listener: TurnListener;
}

export class InputAudio {
  readonly #options: InputAudioOptions;
  readonly #buffer: InputAudioBuffer;
  #config: AudioInput;
  #vad: VoiceActivityDetector | undefined;
  /** Id of the item that the running turn will become. */
  #turnItemId: string | undefined;

  constructor(options: InputAudioOptions) {
    this.#options = options;
    this.#config = options.config;
    this.#buffer = new InputAudioBuffer(options.config.format);
    this.configure(options.config);
  }

  /** Whether voice detection finds that the client speaks. */
  get speaking(): boolean {
    return this.#vad?.speaking ?? false;
  }

  /** Playing time of everything appended so far, ms. */
  get endMs(): number {
    return this.#buffer.endMs;
  }

  configure(config: AudioInput): void {
    const sameFormat = config.format.type === this.#buffer.format.type;
    this.#config = config;
    if (!sameFormat) {
      this.#buffer.changeFormat(config.format);
      this.#vad = undefined;
    }
    if (!config.turn_detection) {
      this.#vad = undefined;
      return;
    }
    const settings = vadSettings(config.turn_detection);
    if (this.#vad) this.#vad.configure(settings);
    else this.#vad = new VoiceActivityDetector(config.format, settings, this.#buffer.endMs);
  }

  append(audio: unknown): void {
    const bytes = decodeAudio(audio);
    if (this.#buffer.heldMs + bytes.length / bytesPerMs(this.#config.format) > mostHeldMs) {
      throw new EventProblem(
        `The input audio buffer is full: it holds at most ${mostHeldMs / 60_000} minutes. Commit or clear it.`,
        { code: 'input_audio_buffer_full', param: 'audio' },
      );
    }
    this.#buffer.append(bytes);
    const vad = this.#vad;
    if (!vad) return;
    const heard: VadEvent[] = [];
    vad.feed(bytes, (event) => heard.push(event));
    // A turn may be refused its response; the turns after it in the same append still count.
    let refused: unknown;
    for (const event of heard) {
      try {
        this.#onVoice(event);
      } catch (thrown) {
        refused ??= thrown;
      }
    }
    if (!vad.speaking) this.#buffer.dropBefore(vad.earliestStartMs);
    if (refused !== undefined) throw refused;
  }

  /** A commit that the client sends. */
  commit(): void {
    const held = this.#buffer.heldMs;
    if (held < leastCommitMs) {
      throw new EventProblem(
        `Error committing input audio buffer: buffer too small. Expected at least ${leastCommitMs}ms of audio, but buffer only has ${held.toFixed(2)}ms of audio.`,
        { code: 'input_audio_buffer_commit_empty' },
      );
    }
    const itemId = this.#turnItemId ?? this.#options.newId('item');
    this.#turnItemId = undefined;
    this.#vad?.reset();
    this.#becomeItem(itemId, this.#buffer.take(), false);
  }

  clear(): void {
    this.#buffer.clear();
    this.#vad?.reset();
    this.#turnItemId = undefined;
    this.#options.writer.send('input_audio_buffer.cleared', {});
  }

  /** Nothing was said for too long: what there is, mostly silence, becomes an item. */
  timeOut(audioStartMs: number): void {
    const { writer, newId } = this.#options;
    const itemId = newId('item');
    writer.send('input_audio_buffer.timeout_triggered', {
      audio_start_ms: Math.round(audioStartMs),
      audio_end_ms: Math.round(this.#buffer.endMs),
      item_id: itemId,
    });
    this.#vad?.reset();
    this.#becomeItem(itemId, this.#buffer.take(), true);
  }

  #onVoice(event: VadEvent): void {
    const { writer, newId, listener } = this.#options;
    if (event.kind === 'started') {
      this.#turnItemId = newId('item');
      this.#buffer.dropBefore(event.audioStartMs);
      writer.send('input_audio_buffer.speech_started', {
        audio_start_ms: Math.round(event.audioStartMs),
        item_id: this.#turnItemId,
      });
      listener.speechStarted();
      return;
    }
    const itemId = this.#turnItemId ?? newId('item');
    this.#turnItemId = undefined;
    writer.send('input_audio_buffer.speech_stopped', {
      audio_end_ms: Math.round(event.audioEndMs),
      item_id: itemId,
    });
    this.#becomeItem(itemId, this.#buffer.take(event.audioEndMs), true);
  }

  #becomeItem(id: string, bytes: Uint8Array, detected: boolean): void {
    const { conversation, writer, listener } = this.#options;
    const audioMs = bytes.length / bytesPerMs(this.#config.format);
    const item: MessageItem = {
      id,
      object: 'realtime.item',
      type: 'message',
      status: 'completed',
      role: 'user',
      content: [
        { type: 'input_audio', audio: Buffer.from(bytes).toString('base64'), transcript: null },
      ],
    };
    const previousId = conversation.lastId;
    writer.send('input_audio_buffer.committed', { previous_item_id: previousId, item_id: id });
    conversation.insert(item, audioMs, undefined);
    announceItem(writer, item, previousId);
    listener.committed(item, audioMs, detected);
  }
}

/** The pair of events by which the GA API acknowledges an item that is complete when it is added. */
export function announceItem(
  writer: EventWriter,
  item: Parameters<typeof withoutAudio>[0],
  previousId: string | null,
): void {
  const shown = withoutAudio(item);
  writer.send('conversation.item.added', { previous_item_id: previousId, item: shown });
  writer.send('conversation.item.done', { previous_item_id: previousId, item: shown });
}

/** Playing time of base64 audio, ms. */
export function base64Ms(audio: string, format: AudioFormat): number {
  return Buffer.byteLength(audio, 'base64') / bytesPerMs(format);
}

function decodeAudio(audio: unknown): Uint8Array {
  if (typeof audio !== 'string') {
    throw new EventProblem(
      audio === undefined
        ? "Missing required parameter: 'audio'."
        : "Invalid type for 'audio': expected a string.",
      { code: audio === undefined ? 'missing_required_parameter' : 'invalid_type', param: 'audio' },
    );
  }
  if (audio.length > maxAppendChars) {
    throw new EventProblem(
      `Invalid 'audio': string too long. Expected at most 15 MiB per event, but got ${(audio.length / 1024 ** 2).toFixed(1)} MiB.`,
      { code: 'string_above_max_length', param: 'audio' },
    );
  }
  const bytes = Buffer.from(audio, 'base64');
  // Node skips characters that are not base64, so a wrong string decodes to fewer bytes than its
  // length promises.
  if (bytes.length !== Buffer.byteLength(audio, 'base64')) {
    throw new EventProblem("Invalid 'audio': expected base64-encoded bytes.", {
      code: 'invalid_value',
      param: 'audio',
    });
  }
  return bytes;
}
