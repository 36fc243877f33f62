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
