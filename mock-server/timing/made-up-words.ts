/** Text that costs nothing to make: words of an exact length, drawn from a fixed list. */
import { seededRng, type Rng } from '../../src/random/rng.ts';

const consonants = 'bcdfghlmnprstvw';
const vowels = 'aeiou';
const longest = 24;
const wordsPerLength = 64;

function makeWord(length: number, rng: Rng): string {
  let word = '';
  for (let i = 0; i < length; i++) {
    const letters = (i + length) % 2 === 0 ? consonants : vowels;
    word += letters[Math.floor(rng() * letters.length)];
  }
  return word;
}

// The same words in every process: they are part of what a seed means.
const byLength: readonly (readonly string[])[] = Array.from(
  { length: longest + 1 },
  (_, length) => {
    const rng = seededRng(`words/${length}`);
    return Array.from({ length: wordsPerLength }, () => makeWord(length, rng));
  },
);

/** One token of text: a space and a word, `bytes` long in all (at least 1), ASCII letters only. */
export function tokenText(bytes: number, rng: Rng): string {
  if (bytes <= 1) return bytes < 1 ? '' : 'a';
  let letters = bytes - 1;
  let text = ' ';
  while (letters > longest) {
    text += byLength[longest]![Math.floor(rng() * wordsPerLength)]!;
    letters -= longest;
  }
  return text + byLength[letters]![Math.floor(rng() * wordsPerLength)]!;
}

/** Characters by their bytes in UTF-8; of several code points where a reader sees one. */
const byBytes: readonly (readonly [bytes: number, characters: readonly string[]])[] = [
  // A sequence with a joiner.
  [11, ['\u{1F469}\u200D\u{1F4BB}', '\u{1F468}\u200D\u{1F680}']],
  [4, ['\u{1F600}', '\u{1F680}', '\u{1F9EA}', '\u{20BB7}']],
  // CJK, an arrow, and letters with a combining accent.
  [3, ['\u6F22', '\u5B57', '\u65E5', '\uD55C', '\u2192', 'e\u0301', 'n\u0303']],
  [2, ['\u00E9', '\u00FC', '\u00DF', '\u0436', '\u05D0']],
];

/**
 * As {@link tokenText}, with letters of several bytes, emoji and combining characters: what a client
 * that decodes piece by piece can get wrong. Of the same exact length in bytes.
 */
export function unicodeText(bytes: number, rng: Rng): string {
  if (bytes <= 2) return tokenText(bytes, rng);
  let text = ' ';
  for (let left = bytes - 1; left > 0;) {
    const fitting = byBytes.filter(([size]) => size <= left);
    const [size, characters] = fitting[Math.floor(rng() * fitting.length)] ?? [1, vowels.split('')];
    text += characters[Math.floor(rng() * characters.length)]!;
    left -= size;
  }
  return text;
}
