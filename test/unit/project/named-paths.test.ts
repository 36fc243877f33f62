/** Files and folders that comments, messages and documentation name are there. */
import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';

const root = path.resolve(import.meta.dirname, '../../..');

/** Every file of the project, whether committed yet or not. */
const files = fs
  .readdirSync(root, { withFileTypes: true })
  .filter(({ name }) => !/^(node_modules|dist|coverage|streamgauge-out|\.git)$/.test(name))
  .flatMap((entry) =>
    entry.isDirectory()
      ? fs
          .readdirSync(path.join(root, entry.name), { recursive: true, withFileTypes: true })
          .filter((inner) => inner.isFile())
          .map((inner) =>
            path.relative(root, path.join(inner.parentPath, inner.name)).split(path.sep).join('/'),
          )
      : [entry.name],
  )
  .filter((file) => !file.startsWith('reports/runs/'));
const baseNames = new Set(files.map((file) => path.posix.basename(file)));
const folders = new Set(
  files.flatMap((file) => {
    const parts = file.split('/').slice(0, -1);
    return parts.map((_, index) => parts.slice(0, index + 1).join('/'));
  }),
);

/** Made by a build or a run, so not in the tree. */
const madeLater = /^(reports\/runs|dist)\b/;
const topFolders = 'src|mock-server|test|docs|scripts|bench|scenarios|reports|schema';
const wholePath = new RegExp(`(?<![\\w./-])(?:${topFolders})/[\\w./*-]*[\\w*/]`, 'g');
/** A source file by its name alone. Names in `.js` are left out: many are of programs (Next.js). */
const bareName = /(?<![\w./-])[a-z][a-z0-9-]*(?:\.test)?\.ts\b(?!\/)/g;

function exists(name: string): boolean {
  const plain = name.replace(/\/$/, '');
  if (madeLater.test(plain)) return true;
  if (plain.includes('*')) {
    const pattern = new RegExp(
      `^${plain
        .replaceAll('.', '\\.')
        .replaceAll('**', '.+')
        .replaceAll(/(?<!\.)\*/g, '[^/]*')}`,
    );
    return files.some((file) => pattern.test(file));
  }
  return files.includes(plain) || folders.has(plain);
}

function commentsOf(source: string): string {
  return [...source.matchAll(/\/\*[\s\S]*?\*\/|(?<![:'"`\w])\/\/[^\n]*/g)]
    .map(([comment]) => comment)
    .join('\n');
}

const isGenerated = (file: string): boolean => file.startsWith('docs/reference/');
const texts = files
  .filter((file) => /\.(ts|js|md)$/.test(file) && !isGenerated(file) && file !== 'CHANGELOG.md')
  .map((file) => {
    const text = fs.readFileSync(path.join(root, file), 'utf8');
    return { file, text: file.endsWith('.md') ? text : commentsOf(text) };
  });

/** Names that a page on adding something invents for its example. */
const invented = (file: string): boolean => file.startsWith('docs/adding-');
/** Files that such a page shows whole: a test writes them into a copy of the project. */
const shownIn = (text: string): Set<string> =>
  new Set([...text.matchAll(/^```\w+ file="([^"]+)"$/gm)].map(([, file = '']) => file));

describe('what is named is there', () => {
  it('looks at the whole project', () => {
    expect(files).toContain('package.json');
    expect(texts.length).toBeGreaterThan(400);
  });

  it('paths from the root', () => {
    const missing = texts.flatMap(({ file, text }) =>
      [...text.matchAll(wholePath)]
        .map(([name]) => name)
        .filter((name) => !exists(name) && !(invented(file) && !/registry|\.test\./.test(name)))
        .filter((name) => !(invented(file) && shownIn(text).has(name)))
        .map((name) => `${file}: ${name}`),
    );
    expect(missing).toEqual([]);
  });

  it('source files by their name alone', () => {
    const missing = texts
      .filter(({ file }) => !invented(file))
      .flatMap(({ file, text }) =>
        [...text.matchAll(bareName)]
          .map(([name]) => name)
          .filter((name) => !baseNames.has(name))
          .map((name) => `${file}: ${name}`),
      );
    expect(missing).toEqual([]);
  });
});
