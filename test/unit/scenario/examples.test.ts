/** The shipped scenarios: each is valid, answers for itself, and does what its comments say. */
import fs from 'node:fs';
import path from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { parse } from 'yaml';
import { describe, expect, it } from 'vitest';
import { jsonSchemaOf } from '../../../src/cli/json-schema.ts';
import { describeArm } from '../../../src/scenario/describe.ts';
import { loadScenario } from '../../../src/scenario/load.ts';
import { realWorld } from '../../../src/world.ts';

const folder = path.resolve(import.meta.dirname, '../../../scenarios');
const names = fs.readdirSync(folder).filter((name) => name.endsWith('.yaml'));
const load = (name: string, set: string[] = []) =>
  loadScenario(
    path.join(folder, name),
    { ...realWorld(), env: {} },
    {
      set,
      allowMissingKeys: true,
    },
  );
const validate = new Ajv2020({ allErrors: true, strict: false }).compile(jsonSchemaOf('scenario'));

it('are the ones that the index lists', () => {
  const index = fs.readFileSync(path.join(folder, 'README.md'), 'utf8');
  expect(names.length).toBeGreaterThanOrEqual(7);
  for (const name of names) expect(index).toContain(`](${name})`);
});

describe.each(names)('%s', (name) => {
  const text = fs.readFileSync(path.join(folder, name), 'utf8');

  it('is valid, with an arm for every line of validate', () => {
    const plan = load(name);
    expect(plan.description).toBeTruthy();
    expect(plan.gates.length).toBeGreaterThan(0);
    for (const arm of plan.arms) expect(describeArm(arm)).toMatch(/^[a-z]+-\w+ over \w+/);
  });

  it('begins with its schema and its question', () => {
    expect(text.startsWith('# yaml-language-server: $schema=../schema/scenario.json\n')).toBe(true);
    expect(text).toMatch(/^# Question: /m);
  });

  it('passes the published JSON Schema too', () => {
    expect(validate(parse(text)), JSON.stringify(validate.errors)).toBe(true);
  });

  it('has a short form that is valid, where it names one', () => {
    const line = /A short form:((?:.|\n#)*)$/m.exec(text)?.[1];
    if (line === undefined) return;
    const set = [...line.matchAll(/--set (?:'([^']+)'|(\S+))/g)].map(
      (match) => match[1] ?? match[2]!,
    );
    expect(set.length).toBeGreaterThan(0);
    expect(load(name, set).arms.length).toBeGreaterThan(0);
  });

  it('can be pointed at a real API as its comment says', () => {
    // HTTP/2 is asked for inside TLS only; a fault sees into it where TLS ends at the relay.
    const scheme = /http: 2\b/.test(text) ? 'https' : 'http';
    const looksInside = /^# Another target:.*tls\.terminate=true/m.test(text);
    const plan = load(name, [
      `target=${scheme}://127.0.0.1:8000/v1`,
      'model=x',
      ...(looksInside ? ['tls.terminate=true'] : []),
    ]);
    expect(plan.arms.every(({ target }) => target.kind === 'url')).toBe(true);
  });
});

it('the JSON Schema refuses what the loader refuses', () => {
  const good = parse(fs.readFileSync(path.join(folder, 'quickstart.yaml'), 'utf8')) as object;
  expect(validate({ ...good, chaos: [] })).toBe(false);
  expect(validate({ ...good, load: { kind: 'closed', sesions: 3 } })).toBe(false);
  expect(validate({ ...good, session: [{ repeat: { times: 2, steps: [{ aks: 'x' }] } }] })).toBe(
    false,
  );
});
