/**
 * From the bytes of one HTTP response's body to frames: Server-Sent Events, or the body as a whole.
 */
import { decodeBody, encodingOf } from './content-encoding.ts';
import { readTruthComment } from './ground-truth.ts';
import { SseParser } from './sse-parser.ts';
import { emptyFrame, type ExchangeObserver } from './transport.ts';

export interface BodyReader {
  onHead(status: number, headers: Readonly<Record<string, string>>): void;
  /** @param at - monotonic ns of the read that brought the bytes, @param read - its ordinal. */
  onBytes(bytes: Buffer, at: number, read: number): void;
  /**
   * The body has ended, cleanly or not.
   * @throws Error where the bytes do not follow their content-encoding.
   */
  onEnd(at: number, read: number): void;
}

/** How the bodies of a channel's answers are asked for and read. */
export interface BodyKind {
  /** The Accept header. */
  accept: string;
  /** Makes the reader that turns one response's body into frames. */
  makeReader(observer: ExchangeObserver): BodyReader;
}

/** Ends a body that was cut short. That it cannot be decoded either says nothing new. */
export function endCutBody(reader: BodyReader, at: number, read: number): void {
  try {
    reader.onEnd(at, read);
  } catch {
    // The cut is the outcome.
  }
}

/** Largest body that is collected whole, bytes; an error page or a JSON answer is far smaller. */
const maxWholeBody = 16 * 1024 * 1024;

/** The whole body as one frame, when it is complete. */
export class WholeBodyReader implements BodyReader {
  private readonly observer: ExchangeObserver;
  private readonly pieces: Buffer[] = [];
  private size = 0;
  private encoding: string | undefined;
  private truthReceived = 0;
  private truthSent = 0;

  constructor(observer: ExchangeObserver) {
    this.observer = observer;
  }

  onHead(_status: number, headers: Readonly<Record<string, string>>): void {
    this.encoding = encodingOf(headers);
    this.truthReceived = Number(headers['x-streamgauge-received'] ?? 0);
    this.truthSent = Number(headers['x-streamgauge-sent'] ?? 0);
  }

  onBytes(bytes: Buffer): void {
    this.size += bytes.length;
    if (this.size > maxWholeBody) throw new Error('body above 16 MiB');
    this.pieces.push(Buffer.from(bytes));
  }

  onEnd(at: number, read: number): void {
    if (this.size === 0) return;
    let body: Buffer = Buffer.concat(this.pieces);
    if (this.encoding !== undefined) body = decodeBody(body, this.encoding, maxWholeBody);
    const frame = emptyFrame();
    frame.at = at;
    frame.read = Math.max(0, read);
    frame.bytes = this.size;
    frame.data = body.toString('utf8');
    if (this.truthReceived > 0) {
      frame.truthIndex = 0;
      frame.truthSentAt = this.truthSent;
    }
    this.observer.onFrame(frame);
  }
}

/**
 * Server-Sent Events. A body of another type (a JSON error, an HTML page) is passed on whole, so
 * that the dialect can say what it was.
 */
export class SseBodyReader implements BodyReader {
  private readonly observer: ExchangeObserver;
  private readonly frame = emptyFrame();
  private readonly parser: SseParser;
  private whole: WholeBodyReader | undefined;
  private compressed: string | undefined;

  constructor(observer: ExchangeObserver) {
    this.observer = observer;
    const { frame } = this;
    this.parser = new SseParser({
      onEvent: (data, event, id, bytes, comment, setsId) => {
        frame.data = data;
        frame.event = event;
        frame.id = id;
        frame.setsId = setsId;
        frame.bytes = bytes;
        readTruthComment(comment, frame);
        observer.onFrame(frame);
      },
      onRetry: (ms) => observer.onRetry?.(ms),
    });
  }

  onHead(status: number, headers: Readonly<Record<string, string>>): void {
    const type = headers['content-type'] ?? '';
    // Some servers stream events under another name; only what cannot be a stream is taken whole.
    if (status !== 200 || /\bjson\b|text\/html/i.test(type)) {
      this.whole = new WholeBodyReader(this.observer);
      this.whole.onHead(status, headers);
    } else {
      this.compressed = encodingOf(headers);
    }
  }

  onBytes(bytes: Buffer, at: number, read: number): void {
    if (this.whole) {
      this.whole.onBytes(bytes);
      return;
    }
    if (this.compressed !== undefined) {
      // Decoding it would measure the compressor's blocks and call them tokens.
      throw new Error(
        `the stream has content-encoding ${this.compressed} although identity was asked for`,
      );
    }
    this.frame.at = at;
    this.frame.read = read;
    this.parser.feed(bytes);
  }

  onEnd(at: number, read: number): void {
    if (this.whole) this.whole.onEnd(at, read);
    else this.parser.end();
  }
}
