/**
 * The gzip of a proxy or of a framework's middleware, with zlib itself. Without a flush after each
 * write, deflate keeps what it was given until a block of some 16,000 symbols is full: a short answer
 * comes out at its end.
 */
import { constants, createGzip, type Gzip } from 'node:zlib';

export interface GzipSettings {
  /** 1–9. */
  level: number;
  /** After each write: nothing, or a sync flush, which puts out all that was written. */
  flush: 'none' | 'sync';
  /** Output leaves in multiples of this many bytes only, until a flush or the end. Default 1. */
  block?: number;
}

export class GzipEncoder {
  private readonly gzip: Gzip;
  private readonly block: number;
  private held: Buffer = Buffer.alloc(0);
  private pending = 0;
  /** The rest is one burst, though zlib hands it over in several. */
  private ending = false;
  private waiting: (() => void)[] = [];
  private readonly output: (bytes: Uint8Array) => void;

  constructor(settings: GzipSettings, output: (bytes: Uint8Array) => void) {
    this.output = output;
    this.block = settings.flush === 'sync' ? 1 : (settings.block ?? 1);
    this.gzip = createGzip({
      level: settings.level,
      flush: settings.flush === 'sync' ? constants.Z_SYNC_FLUSH : constants.Z_NO_FLUSH,
    });
    this.gzip.on('data', (bytes: Buffer) => this.take(bytes));
  }

  write(bytes: Uint8Array): void {
    this.pending += 1;
    this.gzip.write(bytes, () => this.oneDone());
  }

  /** @param done - after all output has been handed over. */
  end(done: () => void): void {
    this.pending += 1;
    this.ending = true;
    this.gzip.once('end', () => {
      if (this.held.length > 0) this.output(this.held);
      done();
      this.oneDone();
    });
    this.gzip.end();
  }

  /** Once all that was written has been compressed: zlib works on another thread. */
  settled(): Promise<void> {
    if (this.pending === 0) return Promise.resolve();
    return new Promise((resolve) => this.waiting.push(resolve));
  }

  close(): void {
    this.gzip.destroy();
  }

  private oneDone(): void {
    this.pending -= 1;
    if (this.pending > 0) return;
    for (const resolve of this.waiting.splice(0)) resolve();
  }

  private take(bytes: Buffer): void {
    const all = this.held.length > 0 ? Buffer.concat([this.held, bytes]) : bytes;
    const whole = this.ending ? 0 : all.length - (all.length % this.block);
    this.held = all.subarray(whole);
    if (whole > 0) this.output(all.subarray(0, whole));
  }
}
