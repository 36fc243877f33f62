/**
 * A dialect in TypeScript outside the repository: the member and the sample of docs/adding-a-dialect.md, with
 * no change but where they import from, pass the compiler and the published suites.
 */
import fs from 'node:fs';
import path from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { pageFiles } from './helpers/documented-commands.ts';
import { OutsidePackage } from '../helpers/outside-package.ts';

const root = path.resolve(import.meta.dirname, '../..');
const page = fs.readFileSync(path.join(root, 'docs/adding-a-dialect.md'), 'utf8');
const outside = new OutsidePackage(['zod', '@types']);
afterAll(() => outside.remove());

/** A file of the page, which imports from the package what it would import from the project. */
function shown(folder: string): string {
  const file = pageFiles(page).find(({ name }) => name.startsWith(folder))!;
  return file.text.replaceAll(/from '\.[^']*'/g, "from 'streamgauge/contract'");
}

it('compiles and proves itself', { timeout: 120_000 }, () => {
  outside.write('package.json', '{ "type": "module" }');
  outside.write('toy-events.ts', shown('src/dialect/members/'));
  outside.write('sample.ts', shown('test/contract/samples/'));
  outside.write(
    'toy-events.test.ts',
    `import { describe, it } from 'node:test';
import { describeDialect, describeEventKinds } from 'streamgauge/contract';
import { sample } from './sample.js';
import { toyEvents } from './toy-events.js';

describeDialect({ dialect: toyEvents, sample }, { describe, it });
describeEventKinds({ dialect: toyEvents, sample }, { describe, it });
`,
  );
  const compilerOptions = { strict: true, module: 'nodenext', target: 'es2023', types: ['node'] };
  outside.write('tsconfig.json', JSON.stringify({ compilerOptions }));
  const compiled = outside.node(path.join(root, 'node_modules/typescript/bin/tsc'));
  expect(compiled).toMatchObject({ status: 0, stdout: '' });
  const { status, stdout } = outside.test('toy-events.test.js');
  expect(stdout).toMatch(/^# fail 0$/m);
  expect(Number(/^# pass (\d+)$/m.exec(stdout)?.[1])).toBeGreaterThan(18);
  expect(status).toBe(0);
});
