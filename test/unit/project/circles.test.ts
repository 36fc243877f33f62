/**
 * No file imports itself through others, types included: what is in a circle can only be read,
 * tested and moved as a whole. The linter holds it; here it is seen to find what is planted.
 */
import path from 'node:path';

import { afterAll, beforeAll, expect, it } from 'vitest';

import { lint, offenders, PlantedFiles } from '../../helpers/planted-files.ts';

const root = path.resolve(import.meta.dirname, '../../..');

let planted: PlantedFiles;
beforeAll(() => (planted = new PlantedFiles()));
afterAll(() => planted.remove());

it.each([
  ['a value', "import { b } from './b.ts';\nexport const a = (): number => b();\n"],
  ['a type', "import type { B } from './b.ts';\nexport interface A { b: B }\n"],
  ['a type among values', "import { type B, x } from './b.ts';\nexport const a: B = x;\n"],
  ['a type that is passed on', "export type { B } from './b.ts';\n"],
  ['all that there is', "export * from './b.ts';\n"],
])('finds a circle through %s', (what, text) => {
  const folder = `src/metric/${what.replaceAll(' ', '-')}`;
  planted.write(`${folder}/a.ts`, text);
  planted.write(`${folder}/b.ts`, "import type { C } from './c.ts';\nexport type B = C;\n");
  planted.write(`${folder}/c.ts`, "import type { A } from './a.ts';\nexport type C = A;\n");
  expect(offenders(lint(path.join(planted.root)), 'no-cycle')).toEqual(
    expect.arrayContaining([`${folder}/a.ts`, `${folder}/b.ts`, `${folder}/c.ts`]),
  );
});

it('forbids the import of a type within a type, which it could not follow', () => {
  planted.write('src/metric/inline.ts', "export type A = import('./b.ts').B;\n");
  expect(offenders(lint(planted.root), 'consistent-type-imports')).toEqual([
    'src/metric/inline.ts',
  ]);
});

it('finds none in the project', () => {
  expect(offenders(lint(root, path.join(root, '.oxlintrc.json')), 'no-cycle')).toEqual([]);
});
