/** Turns the body of one answer, read by read, into what an observation holds of it. */
import { messageOf } from '../../errors.ts';
import { decompressor, type Decompressor } from './decompress.ts';
import { EventSplitter, readBlock, type Divider } from './event-splitter.ts';
import type { MeaningReader } from './meaning.ts';
import type { BodyRead, ObservedEvent } from './observation.ts';

/** Enough to judge any stream by; a longer one is watched and not kept. */
const mostEvents = 20_000;
const startBytes = 400;

export interface RecorderOptions {
  encoding: string;
  divider: Divider;
  meaning: MeaningReader;
}

export class BodyRecorder {
  readonly reads: BodyRead[] = [];
  readonly events: ObservedEvent[] = [];
  comments = 0;
  terminal: boolean | null;
  bodyStart = '';
  decodeProblem = '';
  private readonly options: RecorderOptions;
  private readonly splitter: EventSplitter;
  private readonly unpack: Decompressor | undefined;
  private queue: Promise<void> = Promise.resolve();

  constructor(options: RecorderOptions) {
    this.options = options;
    this.splitter = new EventSplitter(options.divider);
    this.unpack = options.encoding === '' ? undefined : decompressor(options.encoding);
    this.terminal = options.meaning.knowsEnd ? false : null;
  }

  /** One read from the socket that brought body bytes. */
  read(at: number, parts: readonly Buffer[]): void {
    const bytes = parts.length === 1 ? parts[0]! : Buffer.concat(parts);
    if (bytes.length === 0) return;
    const index = this.reads.length;
    this.reads.push({ at, bytes: bytes.length, events: 0 });
    const { unpack } = this;
    if (!unpack) {
      this.plain(bytes, index);
      return;
    }
    this.queue = this.queue.then(async () => {
      if (this.decodeProblem !== '') return;
      try {
        this.plain(await unpack.feed(bytes), index);
      } catch (error) {
        this.decodeProblem = messageOf(error);
      }
    });
  }

  /** Resolves when everything read has been unpacked. */
  async settle(): Promise<void> {
    await this.queue;
    this.unpack?.close();
  }

  private plain(bytes: Buffer, index: number): void {
    if (this.bodyStart.length < startBytes) {
      this.bodyStart += bytes.toString('utf8', 0, startBytes);
    }
    const read = this.reads[index]!;
    for (const piece of this.splitter.feed(bytes, index)) {
      const sse = this.options.divider.kind === 'sse';
      const { event, data } = sse ? readBlock(piece.text) : { event: '', data: piece.text };
      if (data === undefined) {
        this.comments += 1;
        continue;
      }
      const { token, terminal } = this.options.meaning.read(event, data);
      if (terminal) this.terminal = true;
      read.events += 1;
      if (this.events.length >= mostEvents) continue;
      this.events.push({
        at: read.at,
        read: index,
        firstRead: piece.firstRead,
        size: piece.size,
        token,
      });
    }
  }
}
