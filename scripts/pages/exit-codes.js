// @ts-check
import { banner, code, table } from './markdown.js';

/**
 * The exit codes.
 *
 * @param {Readonly<Record<string, { code: number; meaning: string }>>} exitCodes
 */
export function exitCodesPage(exitCodes) {
  return `${banner('src/exit-codes.ts')}
# Exit codes

${table(
  ['code', 'name', 'meaning'],
  Object.entries(exitCodes).map(([name, { code: number, meaning }]) => [
    String(number),
    code(name),
    meaning,
  ]),
)}
Where several apply, the one that says most about the numbers wins: a run cut short (105) before one
that reached nothing (95), before one whose numbers cannot be trusted (96), before gates (99, 97).
`;
}
