/** Decompression read by read, so that each event can be laid at the read that completed it. */
import * as zlib from 'node:zlib';
import { messageOf } from '../../errors.ts';

export interface Decompressor {
  /** @returns what these bytes unpack to, as far as the compressor has put it out. */
  feed(bytes: Buffer): Promise<Buffer>;
  close(): void;
}

type Unpacker = zlib.Gunzip | zlib.Inflate | zlib.InflateRaw | zlib.BrotliDecompress;

/** Unpacks more than this from one read only if it is an attack. */
const mostUnpacked = 64 * 1024 * 1024;

function unpackerFor(encoding: string, first: Buffer): Unpacker | undefined {
  const flush = { flush: zlib.constants.Z_SYNC_FLUSH, finishFlush: zlib.constants.Z_SYNC_FLUSH };
  switch (encoding) {
    case 'gzip':
    case 'x-gzip':
      return zlib.createGunzip(flush);
    case 'deflate':
      // Some servers send raw deflate under this name; a zlib header has 8 in its low four bits.
      return (first[0]! & 0x0f) === 8 ? zlib.createInflate(flush) : zlib.createInflateRaw(flush);
    case 'br':
      return zlib.createBrotliDecompress({
        flush: zlib.constants.BROTLI_OPERATION_FLUSH,
        finishFlush: zlib.constants.BROTLI_OPERATION_FLUSH,
      });
    default:
      return undefined;
  }
}

/** Encodings that can be unpacked, as they are asked for. */
export const usualEncodings = 'gzip, deflate, br';

/** Feeds must not overlap: await one before the next. A failure comes from `feed`. */
export function decompressor(encoding: string): Decompressor {
  let unpacker: Unpacker | undefined;
  let out: Buffer[] = [];
  let size = 0;
  let failure: Error | undefined;
  return {
    async feed(bytes) {
      if (failure) throw failure;
      if (!unpacker) {
        unpacker = unpackerFor(encoding, bytes);
        if (!unpacker) {
          failure = new Error(`content-encoding "${encoding}" cannot be unpacked here`);
          throw failure;
        }
        unpacker.on('data', (part: Buffer) => {
          size += part.length;
          if (size <= mostUnpacked) out.push(part);
        });
        unpacker.on('error', (error) => {
          failure = new Error(`content-encoding ${encoding}: ${messageOf(error)}`);
        });
      }
      const stream = unpacker;
      await new Promise<void>((resolve) => {
        // Where unpacking fails, only this comes.
        stream.once('error', resolve);
        // All that these bytes yield has been read out.
        stream.write(bytes, () => {
          stream.off('error', resolve);
          resolve();
        });
      });
      if (failure) throw failure as Error;
      const plain = Buffer.concat(out);
      out = [];
      return plain;
    },
    close() {
      unpacker?.destroy();
    },
  };
}
