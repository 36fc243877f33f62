/** Compressed bodies from targets that ignore `accept-encoding: identity`. */
import * as zlib from 'node:zlib';
import { messageOf } from '../errors.ts';

/** The body's encoding in lower case; undefined where it is plain. */
export function encodingOf(headers: Readonly<Record<string, string>>): string | undefined {
  const name = (headers['content-encoding'] ?? '').trim().toLowerCase();
  return name === '' || name === 'identity' ? undefined : name;
}

/**
 * @param limit - largest decoded size, bytes: a small body can unpack to gigabytes.
 * @throws Error naming the encoding, where it is unknown or the bytes do not follow it.
 */
export function decodeBody(body: Buffer, encoding: string, limit: number): Buffer {
  const options = { maxOutputLength: limit };
  try {
    if (encoding === 'gzip' || encoding === 'x-gzip') return zlib.gunzipSync(body, options);
    if (encoding === 'deflate') return zlib.inflateSync(body, options);
    if (encoding === 'br') return zlib.brotliDecompressSync(body, options);
  } catch (error) {
    throw new Error(`content-encoding ${encoding}: ${messageOf(error)}`, { cause: error });
  }
  throw new Error(`content-encoding ${encoding} is not supported`);
}
