/** Where a sender is in its stream: sequence numbers, of which the end of the stream takes one. */
export class Sequence {
  /** The oldest number that is not acknowledged. */
  acknowledged = 0;
  /** The next to send. */
  next = 0;
  /** The end of what was written. */
  written = 0;
  finished = false;

  /** The end of what is to be sent. */
  get end(): number {
    return this.finished ? this.written + 1 : this.written;
  }

  /** Bytes written that have not left yet. */
  get unsent(): number {
    return Math.max(0, this.written - this.next);
  }
}
