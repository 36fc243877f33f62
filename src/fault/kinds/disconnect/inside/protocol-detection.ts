/** Which protocol a client speaks, from its first bytes. */
import { http2Preface } from '../../../../wire/http2-frames.ts';

/** What begins a connection; a WebSocket begins as HTTP/1.1. */
export interface Detected {
  protocol: 'http1' | 'http2';
  /** Offset of the first byte that is a message's: a client of HTTP/2 sends its preface before. */
  from: number;
  /** All bytes of the client from there on. */
  bytes: Uint8Array;
}

export class ProtocolDetection {
  private readonly pieces: Uint8Array[] = [];

  /**
   * @param bytes - the client's next ones.
   * @returns undefined until what has come tells the protocol. Not to be called after that.
   */
  feed(bytes: Uint8Array): Detected | undefined {
    this.pieces.push(bytes);
    const all = Buffer.concat(this.pieces);
    const beginning = all.toString('latin1', 0, http2Preface.length);
    if (!http2Preface.startsWith(beginning)) return { protocol: 'http1', from: 0, bytes: all };
    const from = http2Preface.length;
    if (beginning.length < from) return undefined;
    return { protocol: 'http2', from, bytes: all.subarray(from) };
  }
}
