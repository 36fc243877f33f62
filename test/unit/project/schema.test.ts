/** The published JSON Schemas, as an independent validator reads them. */
import fs from 'node:fs';
import path from 'node:path';

import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';

const root = path.resolve(import.meta.dirname, '../../..');
const read = (file: string): string => fs.readFileSync(path.join(root, file), 'utf8');

function compile(name: 'scenario' | 'result'): ValidateFunction {
  return new Ajv2020({ allErrors: true }).compile(
    JSON.parse(read(`schema/${name}.json`)) as Record<string, unknown>,
  );
}

describe('schema/scenario.json', () => {
  const validate = compile('scenario');
  const files = fs
    .readdirSync(path.join(root, 'scenarios'))
    .filter((name) => name.endsWith('.yaml'));

  it.each(files)('accepts scenarios/%s', (name) => {
    validate(parse(read(`scenarios/${name}`)));
    expect(validate.errors ?? []).toEqual([]);
  });

  it.each([
    ['in full', { kind: 'delay', rtt: '5ms' }],
    ['in short', { delay: { rtt: '5ms' } }],
    ['as a bare value', { delay: '5ms' }],
  ])('accepts a fault %s', (_, fault) => {
    validate({ faults: [fault], arms: { a: { faults: [fault] } } });
    expect(validate.errors ?? []).toEqual([]);
  });

  it.each([
    ['an unknown fault', { faults: [{ dealy: '5ms' }] }],
    ['an unknown setting of a fault', { faults: [{ delay: { rrt: '5ms' } }] }],
    ['two faults in one', { faults: [{ delay: '5ms', jitter: '5ms' }] }],
    ['an unknown key', { name: 'x', laod: {} }],
    ['an unknown key of an arm', { arms: { a: { transprot: 'sse' } } }],
    ['an unknown kind of load', { load: { kind: 'often', duration: '1s' } }],
    ['a load without what its kind needs', { load: { kind: 'constant', duration: '1s' } }],
    ['an unknown transport', { transport: 'pigeon' }],
    ['a step that does two things', { session: [{ ask: 'x', think: '1s' }] }],
  ])('refuses %s', (_, scenario) => {
    expect(validate(scenario)).toBe(false);
  });
});

describe('schema/result.json', () => {
  const validate = compile('result');
  const stored = JSON.parse(read('reports/example/result.json')) as Record<string, unknown>;

  it('accepts a result', () => {
    validate(stored);
    expect(validate.errors ?? []).toEqual([]);
  });

  it('refuses one of another version, or with a member it does not know', () => {
    expect(validate({ ...stored, version: 2 })).toBe(false);
    expect(validate({ ...stored, verison: 1 })).toBe(false);
  });
});
