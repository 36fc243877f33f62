// @ts-check
/**
 * The library's reference page: every value that `src/index.ts` exports, with the comment, the
 * signature and the example of its declaration, as the compiler wrote them into `dist/`.
 */
import fs from 'node:fs';

import { banner } from './markdown.js';

/**
 * @typedef {object} LibraryEntry
 * @property {string} name
 * @property {string} from - what a program imports it from
 * @property {string} summary - its comment without tags
 * @property {string[]} throws
 * @property {string} signature
 * @property {string | undefined} example - JavaScript, whole
 */

/** What the package's two entries export, from the declarations of the last build. */
export function builtLibrary() {
  const read = (/** @type {string} */ file) =>
    fs.readFileSync(new URL(`../../dist/${file}`, import.meta.url), 'utf8');
  const main = libraryEntries('streamgauge', 'src/index.d.ts', read);
  const mock = libraryEntries('streamgauge/mock-server', 'mock-server/index.d.ts', read);
  // What both give stands once, under the main entry.
  return [...main, ...mock.filter(({ name }) => !main.some((entry) => entry.name === name))];
}

/**
 * The exported values of a declaration file, in its order; types alone are left out.
 *
 * @param {string} from - the package's entry: `streamgauge`
 * @param {string} entry - of the entry's declaration file, relative to `dist/`
 * @param {(file: string) => string} read - text of a file in `dist/`
 * @returns {LibraryEntry[]}
 */
export function libraryEntries(from, entry, read) {
  const folder = entry.slice(0, entry.lastIndexOf('/') + 1);
  /** @type {LibraryEntry[]} */
  const entries = [];
  const exported = /^export (?!type)\{([^}]*)\} from '([^']+)';/gm;
  for (const [, names = '', source = ''] of read(entry).matchAll(exported)) {
    const file = new URL(source, `file:///${folder}`).pathname.slice(1).replace(/\.ts$/, '.d.ts');
    for (const name of names.split(',').map((part) => part.trim())) {
      if (name === '' || name.startsWith('type ')) continue;
      entries.push(entryOf(name, from, read(file)));
    }
  }
  // The entry may declare values itself.
  for (const [, name = ''] of read(entry).matchAll(
    /^export declare (?:function|const|class) (\w+)/gm,
  )) {
    entries.push(entryOf(name, from, read(entry)));
  }
  return entries;
}

/**
 * @param {string} name
 * @param {string} from
 * @param {string} declarations
 * @returns {LibraryEntry}
 */
function entryOf(name, from, declarations) {
  const place = new RegExp(
    `(?:/\\*\\*((?:(?!\\*/)[\\s\\S])*)\\*/\\s*)?export declare (?:abstract )?(function|const|class) ${name}\\b`,
  ).exec(declarations);
  if (!place) throw new Error(`${name} is exported, and not declared where the export says`);
  const comment = (place[1] ?? '')
    .split('\n')
    .map((line) => line.replace(/^\s*\* ?/, ''))
    .join('\n')
    .trim();
  const [summary = '', ...tags] = comment.split(/^@(?=\w)/m);
  const example = tags.find((tag) => tag.startsWith('example'));
  const start = declarations.indexOf(`${place[2]} ${name}`, place.index);
  return {
    name,
    from,
    summary: summary.trim(),
    throws: tags
      .filter((tag) => tag.startsWith('throws'))
      .map((tag) =>
        tag
          .replace(/^throws\s+/, '')
          .replaceAll(/\s+/g, ' ')
          .trim(),
      ),
    signature: signatureAt(declarations, start, place[2] ?? ''),
    example: example && /```\w*\n([\s\S]*?)```/.exec(example)?.[1],
  };
}

/**
 * A function up to its end, a class with its public members, a constant by its name and type.
 *
 * @param {string} text
 * @param {number} start
 * @param {string} kind
 */
function signatureAt(text, start, kind) {
  if (kind === 'class') {
    const end = text.indexOf('\n}', start) + 2;
    return text
      .slice(start, end)
      .replaceAll(/^\s*\/\*\*[\s\S]*?\*\/\n/gm, '')
      .replaceAll(/^\s*private .*\n/gm, '');
  }
  // Long literal types say no more than the summary does.
  const whole = text.slice(start, text.indexOf(';\n', start));
  return kind === 'const' && whole.length > 200 ? (whole.split(/[:=]/)[0] ?? whole) : whole;
}

/**
 * @param {readonly LibraryEntry[]} entries
 */
export function libraryPage(entries) {
  return `${banner('the comments of what src/index.ts exports')}
# Library

What a program can import. Each example is run by the tests as it stands here; it needs no network.

${entries.map(section).join('\n')}`;
}

/** @param {LibraryEntry} entry */
function section({ name, from, summary, throws, signature, example }) {
  const parts = [`## ${name}\n`, summary.replaceAll(/\{@link (\w+)\}/g, '`$1`') + '\n'];
  parts.push(`From \`${from}\`:\n\n\`\`\`ts\n${signature}\n\`\`\`\n`);
  for (const line of throws) parts.push(`Throws ${line}\n`);
  if (example !== undefined) parts.push(`\`\`\`js\n${example}\`\`\`\n`);
  return parts.join('\n');
}
