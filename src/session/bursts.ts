/**
 * What arrives together in one answer: bursts of token events with silence around them, and by how much
 * their sizes and their distances differ. A buffer on the way makes one of the two the same for all.
 * Pure arithmetic on a handful of numbers, because it runs once for every socket read.
 */

/**
 * Silence that ends a burst, ms. More than a burst of many segments takes to be read, less than the
 * gap between the events of a model of 200 tokens/s.
 */
export const burstGapMs = 4;

/**
 * Events of an answer that came in one piece before its first token counts as held back: fewer fit in one
 * packet of a fast model.
 */
const atOnceEvents = 20;
/** What such an answer must have taken; an answer without any pace of its own is there immediately. */
const atOnceMs = 100;

export class Bursts {
  /** Whole ones: the first may have begun with the head, the last ends with the answer. */
  count = 0;
  /** Sums over whole bursts; of bytes and of ms from start to start also the squares. */
  events = 0;
  bytes = 0;
  bytesSquared = 0;
  ms = 0;
  msSquared = 0;

  private begun = 0;
  private readAt = Number.NEGATIVE_INFINITY;
  private startAt = 0;
  private startBytes = 0;
  private startEvents = 0;

  /**
   * A read that brought a token event.
   *
   * @param at - monotonic ns.
   * @param bytes - of the answer before it, without what it brought.
   * @param events - token events before it.
   */
  read(at: number, bytes: number, events: number): void {
    if (at - this.readAt > burstGapMs * 1e6) {
      if (this.begun > 1) {
        const size = bytes - this.startBytes;
        const ms = (at - this.startAt) / 1e6;
        this.count++;
        this.events += events - this.startEvents;
        this.bytes += size;
        this.bytesSquared += size * size;
        this.ms += ms;
        this.msSquared += ms * ms;
      }
      this.begun++;
      this.startAt = at;
      this.startBytes = bytes;
      this.startEvents = events;
    }
    this.readAt = at;
  }

  /**
   * Whether a whole long answer came in one piece.
   *
   * @param waitedMs - from the request to the first token.
   */
  cameAtOnce(waitedMs: number, tokenEvents: number, tokenReads: number): boolean {
    return this.begun === 1 && waitedMs >= atOnceMs && tokenEvents >= atOnceEvents * tokenReads;
  }
}
