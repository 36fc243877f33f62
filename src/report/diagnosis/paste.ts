/** Lines that a user copies: kept as they are, but for what could act on a terminal. */
import { stripVTControlCharacters } from 'node:util';

/** The same lines without control characters; no line end after the last. */
export function pasteText(text: string): string {
  return stripVTControlCharacters(text)
    .replaceAll('\r\n', '\n')
    .replaceAll(/[^\P{Cc}\n\t]/gu, ' ')
    .replace(/\n+$/, '');
}
