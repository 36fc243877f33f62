/**
 * Divides a body into the events of an SSE stream: an event ends with the blank line after it, with
 * any of the three line ends. A body of another type is divided by reads, as each is then the
 * best guess at one event.
 */
export class EventDivider {
  private readonly sse: boolean;
  /** How much of a blank line has been seen: 0 in a line, 1 after its end. */
  private ends = 0;
  private afterCr = false;

  constructor(contentType: string | undefined) {
    this.sse = /^\s*text\/event-stream\b/i.test(contentType ?? '');
  }

  /** Offsets in `bytes` after which an event is complete. */
  boundaries(bytes: Uint8Array): number[] {
    if (bytes.length === 0) return [];
    if (!this.sse) return [bytes.length];
    const found: number[] = [];
    for (const [index, byte] of bytes.entries()) {
      if (byte === 10 && this.afterCr) {
        // The second half of CR LF; it belongs to the line end already counted.
        this.afterCr = false;
        if (found.at(-1) === index) found[found.length - 1] = index + 1;
        continue;
      }
      this.afterCr = byte === 13;
      if (byte !== 10 && byte !== 13) {
        this.ends = 0;
        continue;
      }
      this.ends += 1;
      if (this.ends === 2) {
        found.push(index + 1);
        this.ends = 0;
      }
    }
    return found;
  }
}
