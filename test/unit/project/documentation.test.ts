/** What the documentation shows must work: scenarios validate, commands exist, files are there. */
import fs from 'node:fs';
import path from 'node:path';

import { describe, expect, it } from 'vitest';

import { makeProgram } from '../../../src/cli/main.ts';
import { csvColumns } from '../../../src/report/formats/csv.ts';
import { streamSample } from '../../../src/result/schema.ts';
import { realWorld } from '../../../src/world.ts';
import { load } from '../../helpers/scenario.ts';

const root = path.resolve(import.meta.dirname, '../../..');
const folders = ['.', 'docs', 'docs/reference', 'bench', 'reports', 'scenarios', 'mock-server'];
const pages = folders.flatMap((folder) =>
  fs
    .readdirSync(path.join(root, folder))
    .filter((name) => name.endsWith('.md'))
    .map((name) => path.join(folder, name)),
);
const textOf = (page: string): string => fs.readFileSync(path.join(root, page), 'utf8');

describe('links', () => {
  it.each(pages)('%s points only at files that are there', (page) => {
    const targets = [...textOf(page).matchAll(/\]\((?!https?:|#)([^)#\s]+)/g)];
    const missing = targets
      .map(([, target = '']) => target)
      .filter((target) => !fs.existsSync(path.join(root, path.dirname(page), target)));
    expect(missing).toEqual([]);
  });
});

describe('the map in ARCHITECTURE.md', () => {
  it.each(['src', 'mock-server', 'test'])(
    'has a row for every folder of %s/, and no other',
    (top) => {
      const rows = [...textOf('ARCHITECTURE.md').matchAll(/^\| (`[^|]*`) \|/gm)]
        .flatMap(([, cell = '']) => [...cell.matchAll(/`([^`]+)\/`/g)])
        .map(([, folder = '']) => folder)
        .filter((folder) => folder.startsWith(`${top}/`));
      const folders = fs
        .readdirSync(path.join(root, top), { withFileTypes: true })
        .filter((entry) => entry.isDirectory())
        .map(({ name }) => `${top}/${name}`);
      expect(rows.toSorted()).toEqual(folders.toSorted());
    },
  );
});

describe('scenarios', () => {
  // Pages on adding a member show one that is not there; the tests of such a page, in test/pages/, add it.
  const ofUsers = pages.filter((page) => !page.startsWith('docs/adding-'));
  const scenarios = ofUsers.flatMap((page) =>
    [...textOf(page).matchAll(/```yaml[^\n]*\n(.*?)```/gs)]
      .map(([, yaml = '']) => yaml)
      // Parts of a scenario are shown as well; a whole one says how much is asked.
      .filter((yaml) => /^load:/m.test(yaml))
      .map((yaml) => ({ page, yaml })),
  );

  it('are shown', () => {
    expect(scenarios.length).toBeGreaterThan(3);
  });

  it.each(scenarios)('in $page validate: $yaml', ({ yaml }) => {
    const env = { OPENAI_API_KEY: 'a key', API_KEY: 'a key' };
    const plan = load(yaml, { env });
    expect(plan.arms.length).toBeGreaterThan(0);
  });
});

describe('files of a run', () => {
  const page = textOf('docs/reading-a-report.md');
  it.each([...Object.keys(streamSample.shape), ...csvColumns])('%s is explained', (name) => {
    expect(page).toContain(`\`${name}\``);
  });
});

describe('commands', () => {
  const program = makeProgram(realWorld());
  const codeOf = (page: string): string =>
    [...textOf(page).matchAll(/```.*?```|`[^`\n]+`/gs)]
      .map(([code]) => code.replaceAll(/^`|`$/g, ''))
      .join('\n');
  const uses = pages.flatMap((page) =>
    [...codeOf(page).matchAll(/(?:npx |^)streamgauge ([a-z]+)([^`\n#]*)/gm)].map(
      ([use, command = '', rest = '']) => ({ page, use: use.trim(), command, rest }),
    ),
  );

  it.each(uses)('$use ($page)', ({ command: name, rest }) => {
    const command = program.commands.find((known) => known.name() === name);
    expect(command, name).toBeDefined();
    const known = new Set(['--help']);
    for (const flag of command?.options.flatMap(({ long, short }) => [long, short]) ?? []) {
      if (flag) known.add(flag);
    }
    for (const [flag] of rest.matchAll(/(?<=\s)--?[a-z][a-z-]*/g)) {
      expect(known, `${name} ${flag}`).toContain(flag);
    }
  });
});
