/** What cannot travel between processes does not compile. */
import { expect, it } from 'vitest';
import { startService } from '../../../src/process/start-service.ts';
import { defineService } from '../../../src/process/service.ts';

const face = { name: 'a service', code: 'a', module: import.meta.url };
const close = (): void => undefined;

it('takes what structured cloning carries', async () => {
  const service = defineService({
    ...face,
    start: ({ names }: { names: Map<string, number | undefined> }) => ({
      started: { names, bytes: new Uint8Array([1]), big: 1n, infinite: Infinity },
      calls: { at: (date: Date) => ({ date, set: new Set([1]), none: undefined }) },
      close,
    }),
  });
  const names = new Map([['a', undefined]]);
  const running = await startService(service, { names });
  expect(running.started).toEqual({
    names,
    bytes: new Uint8Array([1]),
    big: 1n,
    infinite: Infinity,
  });
  // A copy, as from another process.
  expect(running.started.names).not.toBe(names);
  const date = new Date(0);
  expect(await running.ask('at', date)).toStrictEqual({ date, set: new Set([1]), none: undefined });
  await running.close();
});

it('refuses functions, symbols and promises by type', () => {
  // @ts-expect-error: an answer has a method
  defineService({
    ...face,
    start: () => ({ started: 0, calls: { a: () => ({ b() {} }) }, close }),
  });
  // @ts-expect-error: what it starts with has a callback
  defineService({
    ...face,
    start: (given: { done(): void }) => ({ started: typeof given, calls: {}, close }),
  });
  // @ts-expect-error: a question has a callback
  defineService({
    ...face,
    start: () => ({ started: 0, calls: { a: (act: () => void) => act() }, close }),
  });
  // @ts-expect-error: what it says has a promise deep inside
  defineService({
    ...face,
    start: () => ({ started: [{ a: Promise.resolve() }], calls: {}, close }),
  });
  const started = new Map([['a', Symbol('b')]]);
  // @ts-expect-error: a symbol
  defineService({ ...face, start: () => ({ started, calls: {}, close }) });
});

it('types questions and answers', async () => {
  const service = defineService({
    ...face,
    start: () => ({
      started: undefined,
      calls: { length: (text: string) => text.length, nothing: () => 'nothing' },
      close,
    }),
  });
  const running = await startService(service, undefined);
  const length: number = await running.ask('length', 'four');
  expect(length).toBe(4);
  expect(await running.ask('nothing')).toBe('nothing');
  // @ts-expect-error: no such question
  await expect(running.ask('width')).rejects.toThrow('does not know the question "width"');
  // @ts-expect-error: the input is missing
  await expect(running.ask('length')).rejects.toThrow();
  await running.close();
});
