/**
 * No generic file knows a dialect: what belongs to one API stands with its member and with its handler in
 * the mock. Tests, benchmarks and documentation are users of dialects and may name them.
 */
import fs from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';
import { memberListTable } from '../../../scripts/member-lists.js';
import { dialectNames } from '../../../src/dialect/registry.ts';

const root = path.resolve(import.meta.dirname, '../../..');

/** Where a dialect's name belongs. */
const homes = ['src/dialect/members/', 'mock-server/apis/'];

/** Files that name one anyway, and why. */
const exceptions: Readonly<Record<string, string>> = {
  'src/dialect/registry.ts': 'the dialect that is spoken where an arm names none',
  'src/index.ts': 'an example of the library',
  'src/library.ts': 'examples of the library',
};

const generated = memberListTable.map(({ list }) => list);
const files = ['src', 'mock-server', 'bin'].flatMap((folder) =>
  fs
    .readdirSync(path.join(root, folder), { recursive: true, encoding: 'utf8' })
    .map((file) => path.posix.join(folder, file.split(path.sep).join('/')))
    .filter((file) => /\.(ts|js)$/.test(file)),
);

/** Lines of generic files that a test of their text finds. */
function found(isFound: (line: string) => boolean): string[] {
  return files
    .filter((file) => !homes.some((home) => file.startsWith(home)) && !generated.includes(file))
    .flatMap((file) =>
      fs
        .readFileSync(path.join(root, file), 'utf8')
        .split('\n')
        .filter(isFound)
        .map((line) => `${file}: ${line.trim()}`),
    );
}

it('looks at the whole program', () => {
  expect(files.length).toBeGreaterThan(300);
  expect(files).toContain('src/engine/run.ts');
});

it('no generic file names a dialect', () => {
  const names = found((line) => dialectNames.some((name) => line.includes(name)));
  const allowed = Object.keys(exceptions).map((file) => `${file}: `);
  const unexpected = names.filter((line) => !allowed.some((start) => line.startsWith(start)));
  expect(unexpected).toEqual([]);
  // An exception that is no longer needed is taken out.
  for (const start of allowed) expect(names.join('\n')).toContain(start);
});

/** What only one API, or one family of them, says: paths, events, names of models and keys. */
const apiWords =
  /\/chat\/completions|\/v1\/responses|\/realtime\b|\bresponse\.(?:created|completed|done|failed|incomplete|output_\w+|audio)\b|\bsession\.(?:created|updated)\b|\[DONE\]|finish_reason|OPENAI_|\bgpt-[\dr]/;

/** Where such words belong beside the members: what members of one family share. */
const familyHome = 'src/dialect/shared/';

/** Files that say such a word all the same, and why. */
const wordExceptions: Readonly<Record<string, string>> = {
  'src/contract/dialect-suite.ts': 'documents of other APIs, which no dialect may take for its API',
  'src/contract/foreign-events.ts': 'events of known APIs, which no other dialect may claim',
  'src/diagnose/fixes/nextjs.ts': 'an example of the code of a user',
  'src/diagnose/observe/meaning.ts': 'many streams end so, whoever serves them',
  'src/fault/kinds/disconnect/disconnect-settings.ts': 'what an event may be called by, for users',
  'src/metric/distribution-definitions.ts': 'an example in the description of a metric',
  'mock-server/http/common-routes.ts': 'models that the mock lists where the user names none',
};

it('no generic file knows the paths, events, models or keys of one API', () => {
  const words = found((line) => apiWords.test(line)).filter((line) => !line.startsWith(familyHome));
  const allowed = Object.keys(wordExceptions).map((file) => `${file}: `);
  expect(words.filter((line) => !allowed.some((start) => line.startsWith(start)))).toEqual([]);
  for (const start of allowed) expect(words.join('\n')).toContain(start);
});

it('the official package is loaded only by a run that goes through it', () => {
  const importing = (what: RegExp): string[] =>
    files.filter((file) =>
      fs
        .readFileSync(path.join(root, file), 'utf8')
        .split('\n')
        .some((line) => /^(import|export) (?!type)|^} from /.test(line) && what.test(line)),
    );
  const adapters = importing(/from 'openai/);
  expect(adapters.length).toBeGreaterThan(1);
  for (const file of adapters) expect(file).toMatch(/openai-sdk\.ts$|\/sdk\.ts$/);
  for (const file of importing(/openai-sdk\.ts'/)) expect(file).toMatch(/\/sdk\.ts$/);
  // Members import theirs by a function that is called where it is needed.
  expect(importing(/from '.*\/sdk\.ts'/).filter((file) => file.includes('/members/'))).toEqual([]);
});

it('no generic file imports a member', () => {
  expect(found((line) => /from '.*(dialect\/members|\.\/members|\/apis)\//.test(line))).toEqual([]);
});
