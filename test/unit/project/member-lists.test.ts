/** Lists of members are made from folders; what is not a member is an error, never left out. */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { memberLists, memberListTable } from '../../../scripts/member-lists.js';

let root: string;
beforeAll(() => {
  root = fs.mkdtempSync(path.join(os.tmpdir(), 'streamgauge-members-'));
});
beforeEach(() => fs.rmSync(path.join(root, 'src'), { recursive: true, force: true }));
afterAll(() => fs.rmSync(root, { recursive: true }));

function write(file: string, text: string): void {
  fs.mkdirSync(path.dirname(path.join(root, file)), { recursive: true });
  fs.writeFileSync(path.join(root, file), text);
}

const row = {
  folder: 'src/thing/members',
  suffix: 'Definition',
  list: 'src/thing/member-list.ts',
  exported: 'things',
};
const list = (): string => memberLists(root, [row])[row.list]!;

it('holds files and folders, by name', () => {
  write('src/thing/members/drop-bytes.ts', 'export const dropBytesDefinition = {};\n');
  write('src/thing/members/loss/loss-parts.ts', 'export const parts = {};\n');
  write('src/thing/members/loss/entry.ts', 'export const lossDefinition = {};\n');
  expect(list())
    .toBe(`// Generated from the files in src/thing/members/ by \`npm run generate\`; change those, not this list.
import { dropBytesDefinition } from './members/drop-bytes.ts';
import { lossDefinition } from './members/loss/entry.ts';

export const things = [dropBytesDefinition, lossDefinition] as const;
`);
});

it('is written as the formatter writes it, where it is long', () => {
  for (const name of ['a', 'b', 'c']) {
    const exported = `${name}${'x'.repeat(20)}`;
    write(`src/thing/members/${exported}.ts`, `export function ${exported}Definition() {}\n`);
  }
  expect(list()).toMatch(/= \[\n {2}ax+Definition,\n {2}bx+Definition,\n {2}cx+Definition,\n\] as/);
});

describe('refuses', () => {
  it('a file that exports something else', () => {
    write('src/thing/members/drop.ts', 'export const dropDefinitions = {};\n');
    expect(list).toThrow('src/thing/members/drop.ts must export dropDefinition, and does not');
  });

  it('a folder in which two files export it', () => {
    write('src/thing/members/loss/a.ts', 'export const lossDefinition = {};\n');
    write('src/thing/members/loss/b.ts', 'export const lossDefinition = {};\n');
    expect(list).toThrow('exports lossDefinition twice: in loss/a.ts and loss/b.ts');
  });

  it('what is neither a file of code nor a folder', () => {
    write('src/thing/members/notes.txt', 'x');
    expect(list).toThrow('notes.txt is not a member');
  });
});

it('names folders of the project', () => {
  const project = path.resolve(import.meta.dirname, '../../..');
  expect(Object.keys(memberLists(project))).toEqual(memberListTable.map(({ list: file }) => file));
});
