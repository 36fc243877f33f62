/**
 * Time comes from the scheduler or clock that was handed in: the linter holds it. A rule that matches
 * nothing would look just like code that keeps it, so every way to the machine's time is planted here.
 */
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

import { afterAll, describe, expect, it } from 'vitest';

import { clockOwners } from '../../../scripts/clock.js';
import { layerRules } from '../../../scripts/layers.js';

const root = path.resolve(import.meta.dirname, '../../..');
const work = fs.mkdtempSync(path.join(os.tmpdir(), 'streamgauge-clock-'));
afterAll(() => fs.rmSync(work, { recursive: true }));

/** Each way to the machine's time, on one line. */
const forbidden = {
  setTimeout: 'export const x = (): unknown => setTimeout(() => {}, 1);',
  setInterval: 'export const x = (): unknown => setInterval(() => {}, 1);',
  setImmediate: 'export const x = (): unknown => setImmediate(() => {});',
  clearTimeout: 'export const x = (): void => clearTimeout(1);',
  clearInterval: 'export const x = (): void => clearInterval(1);',
  clearImmediate: 'export const x = (): void => clearImmediate(undefined);',
  'a timer passed on': 'export const x = [setTimeout];',
  'a timer of globalThis': 'export const x = (): unknown => globalThis.setTimeout(() => {}, 1);',
  'a timer of global': 'export const x = (): unknown => global.setInterval(() => {}, 1);',
  'Date.now': 'export const x = Date.now();',
  'new Date': 'export const x = new Date();',
  'Date called': 'export const x = Date();',
  'Date of globalThis': 'export const x = new globalThis.Date();',
  'performance.now': 'export const x = performance.now();',
  'performance.now taken out': 'export const { now } = performance;',
  'process.hrtime': 'export const x = process.hrtime();',
  'process.hrtime.bigint': 'export const x = process.hrtime.bigint();',
  'process.uptime': 'export const x = process.uptime();',
  'AbortSignal.timeout': 'export const x = AbortSignal.timeout(5);',
  'node:timers': "import * as timers from 'node:timers';\nexport const x = timers;",
  'node:timers/promises':
    "import { setTimeout as wait } from 'node:timers/promises';\nexport const x = wait;",
  'timers/promises': "import { scheduler } from 'timers/promises';\nexport const x = scheduler;",
  monotonicNow: "import { monotonicNow } from 'UP/world.ts';\nexport const x = monotonicNow;",
  'monotonicNow renamed':
    "import { monotonicNow as now } from 'UP/world.ts';\nexport const x = now;",
  realClock: "import { realClock } from 'UP/world.ts';\nexport const x = realClock;",
};

/** What may be had of the same modules and objects. */
const allowed = {
  'the world handed in': "import type { World } from 'UP/world.ts';\nexport type X = World;",
  'the loop of the process': 'export const x = performance.eventLoopUtilization();',
  'an abort': 'export const x = new AbortController().signal;',
  'a text that names a timer': "export const x = 'setTimeout(() => {}, 1)';",
};

/** Places in the tree, each with the way from there to src/. */
const places = {
  'src/session': '..',
  'src/engine/deep/er': '../../..',
  'src/diagnose/probe': '../..',
  'mock-server': '../src',
  'mock-server/http': '../../src',
  src: '.',
};

function plant(file: string, text: string): void {
  fs.mkdirSync(path.dirname(path.join(work, file)), { recursive: true });
  fs.writeFileSync(path.join(work, file), `${text}\n`);
}

const slug = (name: string): string => name.replaceAll(/[^\w]/g, '_');

/** Files of the temporary tree that the linter reports for asking the machine for the time. */
function offenders(): string[] {
  for (const name of ['.oxlintrc.json', '.oxlint-layers.json']) {
    fs.copyFileSync(path.join(root, name), path.join(work, name));
  }
  const oxlint = path.join(root, 'node_modules/oxlint/bin/oxlint');
  let output: string;
  try {
    output = execFileSync(process.execPath, [oxlint, '--format', 'json'], {
      cwd: work,
      encoding: 'utf8',
      maxBuffer: 64 * 1024 ** 2,
    });
  } catch (error) {
    output = (error as { stdout: string }).stdout;
  }
  const { diagnostics } = JSON.parse(output) as {
    diagnostics: { code: string; filename: string; message: string; help?: string }[];
  };
  const files = diagnostics
    .filter(({ code }) => /no-restricted-(globals|properties|imports)/.test(code))
    .map(({ filename }) => filename);
  return [...new Set(files)].toSorted();
}

describe('the clock rule', () => {
  it('reports every way to the machine’s time, wherever it lies, and nothing else', () => {
    plant(
      'src/world.ts',
      'export const monotonicNow = 1;\nexport const realClock = 2;\nexport type World = 3;',
    );
    const wanted: string[] = [];
    for (const [folder, up] of Object.entries(places)) {
      for (const [name, text] of Object.entries(forbidden)) {
        const file = `${folder}/bad_${slug(name)}.ts`;
        plant(file, text.replace('UP', up));
        wanted.push(file);
      }
      for (const [name, text] of Object.entries(allowed)) {
        plant(`${folder}/good_${slug(name)}.ts`, text.replace('UP', up));
      }
    }
    for (const { files } of clockOwners) {
      const file = files.replace('**', 'deep/any.ts');
      if (file === 'src/world.ts') continue;
      const world = path.relative(path.dirname(file), 'src/world.ts');
      plant(
        file,
        `import { monotonicNow } from '${world.startsWith('.') ? world : `./${world}`}';\n` +
          'export const x = [monotonicNow, setTimeout, Date.now(), performance.now()];',
      );
    }
    expect(offenders()).toEqual(wanted.toSorted());
  });

  it('leaves owners of the clock bound to their layer', () => {
    type Rule = ['error', { patterns: { message: string }[] }];
    const { overrides } = layerRules();
    const messagesFor = (files: string): string[] => {
      const found = overrides.find((one) => one.files.length === 1 && one.files[0] === files);
      const rule = (found!.rules as { 'no-restricted-imports': Rule })['no-restricted-imports'];
      return rule[1].patterns.map(({ message }) => message);
    };
    const [layer] = messagesFor('src/timer/**');
    expect(layer).toContain('src/timer may import only');
    expect(messagesFor('src/timer/real-scheduler.ts')).toEqual([layer]);
    expect(messagesFor('src/world.ts')).toHaveLength(1);
  });

  it('names owners that exist, each with its reason', () => {
    for (const { files, why } of clockOwners) {
      expect(fs.existsSync(path.join(root, files.replace('/**', ''))), files).toBe(true);
      expect(why.length, files).toBeGreaterThan(10);
    }
  });
});
