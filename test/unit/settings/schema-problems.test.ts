import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { problemsOf, type ProblemWords } from '../../../src/settings/schema-problems.ts';
import { percent, someTime } from '../../../src/settings/fields.ts';

const schema = z.strictObject({
  name: z.string().min(1),
  time: someTime().optional(),
  mode: z.enum(['on', 'off']).optional(),
  status: z.union([z.literal(400), z.literal(503)]).optional(),
  speed: z.union([z.int().positive(), z.enum(['slow', 'fast'])]).optional(),
  before: z.union([z.strictObject({ event: z.string() }), z.enum(['headers', 'end'])]).optional(),
  list: z.array(z.number().max(5)).max(2).optional(),
  part: z
    .strictObject({ a: percent().optional(), b: percent().optional() })
    .refine(({ a, b }) => (a === undefined) !== (b === undefined), 'a or b is needed')
    .optional(),
  thing: z
    .discriminatedUnion('kind', [
      z.strictObject({ kind: z.literal('one'), size: z.int() }),
      z.strictObject({ kind: z.literal('two'), weight: z.int() }),
    ])
    .optional(),
});

const say = (value: unknown, words: ProblemWords = { whole: 'the thing' }): string[] =>
  problemsOf(schema, value, words).map(({ message, hints = [] }) =>
    [message, ...hints].join(' | '),
  );
const withName = (rest: object): string[] => say({ name: 'n', ...rest });

it('says nothing of what is right', () => {
  expect(withName({ time: '5ms', before: { event: 'x' }, part: { a: '3%' } })).toEqual([]);
});

describe('one mistake', () => {
  it.each<[rest: object, says: string]>([
    [
      { time: 5 },
      'time: "5" is not a duration such as 250ms, 30s, 2m; did you mean "5ms" or "5s"?',
    ],
    [{ time: '0s' }, 'time: "0s" must be above 0'],
    [{ time: true }, 'time must be text, not true'],
    [{ mode: 'onn' }, 'mode must be one of on, off, not "onn" | did you mean "on"?'],
    [{ status: 200 }, 'status must be one of 400, 503, not 200'],
    [{ speed: 'fats' }, 'speed must be one of slow, fast, not "fats" | did you mean "fast"?'],
    [{ speed: 0 }, 'speed must be above 0, not 0'],
    [{ speed: [] }, 'speed must be a number or one of slow, fast, not a list'],
    [
      { before: { evnt: 'x' } },
      'unknown key "evnt" in before | did you mean "event"? | allowed: event',
    ],
    [
      { before: 'hedaers' },
      'before must be one of headers, end, not "hedaers" | did you mean "headers"?',
    ],
    [{ list: [1, 9] }, 'list[1] must be at most 5, not 9'],
    [{ list: [1, 2, 3] }, 'list must have at most 2 elements'],
    [{ part: {} }, 'part: a or b is needed'],
    [{ part: { aa: '3%' } }, 'unknown key "aa" in part | did you mean "a"? | allowed: a, b'],
    [
      { thing: { kind: 'tow' } },
      'thing.kind must be one of one, two, not "tow" | did you mean "two"?',
    ],
    [{ thing: {} }, '"kind" is missing in thing | one of: one, two'],
    [
      { thing: { kind: 'one', sise: 3 } },
      'unknown key "sise" in thing | did you mean "size"? | allowed: kind, size',
    ],
  ])('%j', (rest, says) => {
    expect(withName(rest)).toEqual([says]);
  });

  it('in the value as a whole', () => {
    expect(say(5)).toEqual(['the thing must be an object (keys and values), not 5']);
    expect(say({})).toEqual(['"name" is missing']);
  });
});

it('says all mistakes at once', () => {
  expect(withName({ time: 5, mode: 3, list: [9] })).toHaveLength(3);
});

it('begins places with a prefix', () => {
  const words = { whole: 'things', prefix: 'things' };
  const list = problemsOf(
    z.array(schema),
    [{ name: 'n', mode: 3 }, {}, { name: 'n', x: 1 }],
    words,
  );
  expect(list.map(({ message }) => message)).toEqual([
    'things[0].mode must be one of on, off, not 3',
    '"name" is missing in things[1]',
    'unknown key "x" in things[2]',
  ]);
  expect(say({ part: {}, name: 'n' }, words)).toEqual(['things.part: a or b is needed']);
});

it('takes a better word about an unknown key from its caller', () => {
  const words: ProblemWords = {
    whole: 'the thing',
    unknownKey: ({ key, path, value, allowed }) =>
      key === 'weight'
        ? { code: 'other', message: `${path.join()} ${JSON.stringify(value)} ${allowed.join()}` }
        : undefined,
  };
  expect(say({ name: 'n', thing: { kind: 'one', size: 1, weight: 2 } }, words)).toEqual([
    'thing {"kind":"one","size":1,"weight":2} kind,size',
  ]);
});
