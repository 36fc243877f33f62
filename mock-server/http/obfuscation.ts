/**
 * The `obfuscation` member: random characters that pad an event so that its size on the wire does
 * not give its text away. Here text and padding together are a multiple of 16 long.
 */
import { seededRng } from '../../src/random/rng.ts';

const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
const rng = seededRng('obfuscation');
const pool = Array.from({ length: 4096 }, () => letters[Math.floor(rng() * letters.length)]).join(
  '',
);
const block = 16;
let at = 0;

/** `,"obfuscation":"…"` for a delta of this many characters, to be put before the closing brace. */
export function obfuscationMember(textLength: number): string {
  const length = block - (textLength % block);
  if (at + length > pool.length) at = 0;
  const padding = pool.slice(at, at + length);
  at += length;
  return `,"obfuscation":"${padding}"`;
}
