/**
 * No file imports itself through others, types included: what is in a circle can only be read,
 * tested and moved as a whole. The linter holds it; here it is seen to find what is planted.
 */
import path from 'node:path';

import { afterAll, beforeAll, expect, it } from 'vitest';

import { lint, offenders, PlantedFiles } from '../../helpers/planted-files.ts';

const root = path.resolve(import.meta.dirname, '../../..');

const circles = [
  ['a value', "import { b } from './b.ts';\nexport const a = (): number => b();\n"],
  ['a type', "import type { B } from './b.ts';\nexport interface A { b: B }\n"],
  ['a type among values', "import { type B, x } from './b.ts';\nexport const a: B = x;\n"],
  ['a type that is passed on', "export type { B } from './b.ts';\n"],
  ['all that there is', "export * from './b.ts';\n"],
] as const;
const folderOf = (what: string): string => `src/metric/${what.replaceAll(' ', '-')}`;

let planted: PlantedFiles;
/** What the linter says of all of them. */
let found: ReturnType<typeof lint>;
beforeAll(() => {
  planted = new PlantedFiles();
  for (const [what, text] of circles) {
    const folder = folderOf(what);
    planted.write(`${folder}/a.ts`, text);
    planted.write(`${folder}/b.ts`, "import type { C } from './c.ts';\nexport type B = C;\n");
    planted.write(`${folder}/c.ts`, "import type { A } from './a.ts';\nexport type C = A;\n");
  }
  planted.write('src/metric/inline.ts', "export type A = import('./b.ts').B;\n");
  found = lint(planted.root);
});
afterAll(() => planted.remove());

it.each(circles)('finds a circle through %s', (what) => {
  const folder = folderOf(what);
  expect(offenders(found, 'no-cycle')).toEqual(
    expect.arrayContaining([`${folder}/a.ts`, `${folder}/b.ts`, `${folder}/c.ts`]),
  );
});

it('forbids the import of a type within a type, which it could not follow', () => {
  expect(offenders(found, 'consistent-type-imports')).toEqual(['src/metric/inline.ts']);
});

it('finds none in the project', () => {
  expect(offenders(lint(root, path.join(root, '.oxlintrc.json')), 'no-cycle')).toEqual([]);
});
