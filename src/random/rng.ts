/** A seeded source of numbers, uniform in [0, 1). */
export type Rng = () => number;

/** 32-bit FNV-1a of a string; spreads seeds that differ in one character. */
export function hashString(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) {
    hash ^= text.charCodeAt(i);
    hash = Math.imul(hash, 0x01000193);
  }
  return hash >>> 0;
}

/**
 * A generator that is fully determined by its seed: Chris Doty-Humphrey's sfc32 (PractRand), 128
 * bits of state, the first outputs discarded so that nearby seeds are unrelated.
 *
 * @param seed - numbers and strings are equivalent: `seededRng(42)` equals `seededRng('42')`.
 */
export function seededRng(seed: number | string): Rng {
  const text = String(seed);
  let a = hashString(text);
  let b = hashString(`${text}/b`);
  let c = hashString(`${text}/c`);
  let counter = 1;
  const next = (): number => {
    const t = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (c << 21) | (c >>> 11);
    c = (c + t) | 0;
    return (t >>> 0) / 4294967296;
  };
  for (let i = 0; i < 12; i++) next();
  return next;
}
