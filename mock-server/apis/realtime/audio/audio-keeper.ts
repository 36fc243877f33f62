/** What a part of an item looks like to the keeper. */
interface AudioPart {
  /** Base64. */
  audio?: string | null | undefined;
}

/**
 * Keeps what clients have said, for `conversation.item.retrieve`, within one budget for all sessions
 * of a server: a load test opens thousands of them and most never ask. The oldest audio is forgotten
 * first; the item itself stays, with `audio: null`.
 */
export class AudioKeeper {
  readonly #mostChars: number;
  readonly #parts = new Set<AudioPart>();
  #chars = 0;

  /** @param mostChars - base64 characters kept at once. */
  constructor(mostChars: number) {
    this.#mostChars = mostChars;
  }

  keep(part: AudioPart): void {
    if (!part.audio || this.#parts.has(part)) return;
    this.#parts.add(part);
    this.#chars += part.audio.length;
    for (const oldest of this.#parts) {
      if (this.#chars <= this.#mostChars) return;
      this.release(oldest);
    }
  }

  /** Forgets a part's audio: it was deleted, or its session is over. */
  release(part: AudioPart): void {
    if (!this.#parts.delete(part)) return;
    this.#chars -= part.audio?.length ?? 0;
    part.audio = null;
  }
}
