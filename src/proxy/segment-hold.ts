/**
 * What a sender's TCP does with small writes.
 *
 * - `nagle` (RFC 896, as Linux does it, with Minshall's change; a socket without TCP_NODELAY): a segment
 *   that is not full waits while another such one is unacknowledged, so bursts come paced by the
 *   round trip. The rest of a large write does not wait for its own full segments.
 * - `cork` (Linux, MSG_MORE or TCP_CORK): a segment that is not full waits for more. With nothing in
 *   flight the probe timer sends it after its 200 ms; with something in flight, the acknowledgement
 *   does. On a fast network that is a batch every 200 ms, whatever the size of the tokens.
 *
 * Full segments do not wait under Nagle. Under a cork they do too, up to the largest packet that the
 * kernel makes: measured on Linux, a corked sender with 2.4 kB pending sends nothing before the timer.
 */
import type { Scheduled, Scheduler } from '../timer/scheduler.ts';

export interface SegmentHoldSettings {
  how: 'nagle' | 'cork';
  /** Round trip between the proxy and its client, ms. */
  rttMs: number;
}

/** TCP_RTO_MIN of Linux, 200 ms, and the tick or so that its timers come late by. */
const corkNs = 204e6;
const ethernetSegment = 1448;
/** The same on Linux's loopback, whose MTU is 65,536; near the largest packet of any sender. */
const loopbackSegment = 65_483;

/** The socket's side: called with what is sent, in order; calls in a row are one packet. */
export interface SegmentOutput {
  head(): void;
  write(bytes: Uint8Array): void;
}

export class SegmentHold {
  private readonly settings: SegmentHoldSettings;
  private readonly time: Scheduler;
  private readonly output: SegmentOutput;
  private readonly segment: number;
  private readonly headBytes: number;
  private queue: (Uint8Array | 'head')[] = [];
  private queued = 0;
  private timer: Scheduled | undefined;
  /** The acknowledgement under way that something would wait for, if any. */
  private inFlight: Scheduled | undefined;

  constructor(
    settings: SegmentHoldSettings,
    time: Scheduler,
    headBytes: number,
    output: SegmentOutput,
  ) {
    this.settings = settings;
    this.time = time;
    this.output = output;
    this.headBytes = headBytes;
    this.segment =
      settings.how === 'nagle' && settings.rttMs > 0 ? ethernetSegment : loopbackSegment;
  }

  head(): void {
    this.push('head', this.headBytes);
  }

  write(bytes: Uint8Array): void {
    this.push(bytes, bytes.length);
  }

  /** Sends all that is held: the end of a response is written without asking for more. */
  flush(): void {
    this.send(this.queued);
  }

  close(): void {
    this.timer?.cancel();
    this.inFlight?.cancel();
  }

  private push(part: Uint8Array | 'head', size: number): void {
    this.queue.push(part);
    this.queued += size;
    const whole = this.queued - (this.queued % this.segment);
    if (this.settings.how === 'nagle') {
      if (this.inFlight) this.send(whole);
      // A head and the first bytes of its body are one write of the proxy.
      else if (part !== 'head') this.send(this.queued);
      return;
    }
    this.send(whole);
    if (this.queued === 0 || this.inFlight) return;
    this.timer ??= this.time.at(this.time.now() + corkNs, () => this.flush());
  }

  private send(bytes: number): void {
    if (bytes === 0) return;
    this.timer?.cancel();
    this.timer = undefined;
    let left = bytes;
    while (left > 0) {
      const part = this.queue[0]!;
      const size = part === 'head' ? this.headBytes : part.length;
      if (part === 'head') {
        this.output.head();
        this.queue.shift();
      } else if (size > left) {
        this.output.write(part.subarray(0, left));
        this.queue[0] = part.subarray(left);
        this.queued -= left;
        break;
      } else {
        this.output.write(part);
        this.queue.shift();
      }
      this.queued -= size;
      left -= size;
    }
    if (this.settings.how === 'cork' || bytes % this.segment > 0) this.awaitAcknowledgement();
  }

  private awaitAcknowledgement(): void {
    this.inFlight?.cancel();
    this.inFlight = undefined;
    if (this.settings.rttMs === 0) return;
    this.inFlight = this.time.at(this.time.now() + this.settings.rttMs * 1e6, () => {
      this.inFlight = undefined;
      this.flush();
    });
  }
}
