/**
 * Texts for users are in plain words: most readers of messages and pages have another first language.
 * A short list of words that were replaced before, each with what to write instead. Comments in code are
 * not looked at here; CONTRIBUTING.md asks for the same in them.
 */
import fs from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';

const root = path.resolve(import.meta.dirname, '../../..');

/** A pattern of the word and what says the same plainly. */
const replaced: readonly (readonly [RegExp, string])[] = [
  [/\b[Nn]obody\b/, 'no client, no server'],
  [/\bwhoever\b/i, 'the client that'],
  [/\bsomebody\b|\banybody\b/i, 'a client, another process'],
  [/\bmend(s|ed|ing)?\b/i, 'fix, repair'],
  [/\bdoom(s|ed)?\b/i, 'will fail'],
  [/\bweather\b/i, 'conditions, losses'],
  [/\bbeside\b/i, 'next to, compared with, in addition to'],
  [/\banew\b/i, 'again'],
  [/\blest\b/i, 'so that not'],
  [/\b(hither|thereof|thereby|naught|albeit)\b/i, 'plain words'],
  [/\bforgives?\b/i, 'accepts'],
  [/\breckon(s|ed|ing)?\b/i, 'calculate, count'],
  [/\bdeem(s|ed)?\b/i, 'consider'],
  [/\b(lets?|letting) go\b/i, 'release, forward, flush'],
  [/\bour own\b/i, 'streamgauge’s'],
  [/\bof (its|their) own\b/i, 'separate'],
  [/\bcarr(y|ies|ied) on\b|\bgo(es)? on\b/i, 'continue'],
  [/\bin the place of\b/i, 'in place of'],
];

/** Where such a word is a name or a quotation. */
const allowed: readonly (readonly [string, string])[] = [
  // The system account.
  ['src/proxy/real/kinds/apache.ts', 'nobody'],
  // Says what is meant by plain words.
  ['CONTRIBUTING.md', 'mend'],
  ['CONTRIBUTING.md', 'of its own'],
];

const filesIn = (folder: string, ending: RegExp): string[] =>
  fs
    .readdirSync(path.join(root, folder), { recursive: true, encoding: 'utf8' })
    .map((file) => path.posix.join(folder, file.replaceAll('\\', '/')))
    .filter((file) => ending.test(file));

const textOf = (file: string): string => fs.readFileSync(path.join(root, file), 'utf8');

/** Comments are blanked line by line, so that numbers of lines stay. */
function withoutComments(code: string): string {
  return code
    .replace(/\/\*[\s\S]*?\*\//g, (comment) => comment.replace(/[^\n]/g, ' '))
    .replace(/(^|\s)\/\/.*$/gm, '$1');
}

function found(file: string, text: string): string[] {
  const words: string[] = [];
  for (const [index, line] of text.split('\n').entries()) {
    for (const [pattern, instead] of replaced) {
      const [word] = pattern.exec(line) ?? [];
      if (word === undefined) continue;
      if (allowed.some(([where, what]) => where === file && what === word)) continue;
      words.push(`${file}:${index + 1}: "${word}": ${instead}`);
    }
  }
  return words;
}

it('finds a word in a message, and none in a comment', () => {
  const code =
    "/** Nobody. */\nconst text = 'read by nobody'; // whoever\n// See http://x: beside.\n";
  expect(found('a.ts', withoutComments(code))).toEqual(['a.ts:2: "nobody": no client, no server']);
});

it('pages and scenarios use plain words', () => {
  const pages = [
    'README.md',
    'CONTRIBUTING.md',
    'AGENTS.md',
    'mock-server/README.md',
    'reports/README.md',
    ...filesIn('docs', /\.md$/),
    ...filesIn('scenarios', /\.(md|yaml)$/),
  ];
  expect(pages.length).toBeGreaterThan(30);
  expect(pages.flatMap((page) => found(page, textOf(page)))).toEqual([]);
});

it('messages of the program use plain words', () => {
  const files = [...filesIn('src', /\.ts$/), ...filesIn('mock-server', /\.ts$/)];
  expect(files.length).toBeGreaterThan(300);
  expect(files.flatMap((file) => found(file, withoutComments(textOf(file))))).toEqual([]);
});
