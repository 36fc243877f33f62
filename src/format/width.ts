/** Display width of text in a terminal, and cutting to it. */
import { stripVTControlCharacters } from 'node:util';

const segmenter = new Intl.Segmenter(undefined, { granularity: 'grapheme' });

// East Asian wide and fullwidth blocks and pictographs, the ones a terminal draws two cells wide
// (Unicode TR11, the ranges that occur in prompts and names).
const wide =
  /^(?:[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|[\u{1f300}-\u{1faff}]|[\u{20000}-\u{3fffd}])/u;
const zero = /^[\p{Mn}\p{Me}\p{Cf}\p{Cc}]+$/u;

function cellsOf(grapheme: string): number {
  if (zero.test(grapheme)) return 0;
  return wide.test(grapheme) ? 2 : 1;
}

/** Text of others without what would move the cursor, ring the bell or break the line. */
export function printable(text: string): string {
  return stripVTControlCharacters(text).replaceAll(/\p{Cc}+/gu, ' ');
}

/** Cells that a text takes; colour codes take none. */
export function displayWidth(text: string): number {
  const plain = stripVTControlCharacters(text);
  // Most text is ASCII, where every character is one cell.
  if (/^[\x20-\x7e]*$/.test(plain)) return plain.length;
  let width = 0;
  for (const { segment } of segmenter.segment(plain)) width += cellsOf(segment);
  return width;
}

/** Pads with spaces to a width; longer text is left as it is. */
export function pad(text: string, width: number, align: 'left' | 'right' = 'left'): string {
  const space = ' '.repeat(Math.max(0, width - displayWidth(text)));
  return align === 'left' ? text + space : space + text;
}

/** Cuts plain text (without colour codes) to a width, ending in … where something was lost. */
export function truncate(text: string, width: number): string {
  if (displayWidth(text) <= width) return text;
  if (width <= 0) return '';
  let result = '';
  let used = 0;
  for (const { segment } of segmenter.segment(text)) {
    const cells = cellsOf(segment);
    if (used + cells > width - 1) break;
    result += segment;
    used += cells;
  }
  return `${result}…`;
}

/** Splits one overlong word at the width. */
function splitWord(word: string, width: number): string[] {
  const parts: string[] = [];
  let part = '';
  let used = 0;
  for (const { segment } of segmenter.segment(word)) {
    const cells = cellsOf(segment);
    if (used + cells > width && part !== '') {
      parts.push(part);
      part = '';
      used = 0;
    }
    part += segment;
    used += cells;
  }
  parts.push(part);
  return parts;
}

/**
 * Wraps plain text at spaces; control characters become spaces.
 *
 * @param indent - put before every line but the first; counts towards the width.
 */
export function wrap(text: string, width: number, indent = ''): string[] {
  const lines: string[] = [];
  let line = '';
  const room = (): number => Math.max(1, width - (lines.length === 0 ? 0 : displayWidth(indent)));
  const push = (): void => {
    lines.push(lines.length === 0 ? line : indent + line);
    line = '';
  };
  for (const word of printable(text).split(/ +/)) {
    if (line !== '' && displayWidth(line) + 1 + displayWidth(word) > room()) push();
    if (line !== '') {
      line += ` ${word}`;
    } else if (displayWidth(word) <= room()) {
      line = word;
    } else {
      const parts = splitWord(word, room());
      for (const part of parts.slice(0, -1)) {
        line = part;
        push();
      }
      line = parts.at(-1)!;
    }
  }
  if (line !== '' || lines.length === 0) push();
  return lines;
}
