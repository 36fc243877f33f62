import { expect, it } from 'vitest';
import { until } from '../../helpers/until.ts';

it('gives what the condition gave, as soon as it gave something', async () => {
  let looks = 0;
  const found = await until(() => (++looks === 3 ? { looks } : undefined), { what: 'three looks' });
  expect(found).toEqual({ looks: 3 });
});

it('takes 0 and the empty string for something', async () => {
  expect(await until(() => 0, { what: 'a number' })).toBe(0);
  expect(await until(() => Promise.resolve(''), { what: 'a text' })).toBe('');
});

it('says what it waited for and what it saw last', async () => {
  const never = until(() => false, {
    what: 'a third connection',
    seen: () => ({ connections: 2 }),
    deadline: 20,
  });
  await expect(never).rejects.toThrow(
    /^waited \d+ ms for a third connection; seen last: \{ connections: 2 \}$/,
  );
  await expect(until(() => null, { what: 'anything', deadline: 0 })).rejects.toThrow(
    'for anything; seen last: null',
  );
});

it('lets an error of the condition through', async () => {
  const broken = until(
    () => {
      throw new Error('no such file');
    },
    { what: 'a file' },
  );
  await expect(broken).rejects.toThrow('no such file');
});
