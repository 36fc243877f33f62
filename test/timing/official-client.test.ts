/**
 * The table of docs/disconnects.md: how many tokens the official client has handed out when it notices
 * the end. What it has read but not handed out is lost to an error right behind it, so a process that gets no
 * turn shows fewer.
 */
import { expect, it } from 'vitest';
import { officialClient } from '../helpers/official-client.ts';

const after = { after: { tokens: 20 } };

it.each<[string, Record<string, unknown>, number, string]>([
  ['fin', { how: 'fin', ...after }, 20, 'TypeError'],
  ['rst', { how: 'rst', ...after }, 20, 'TypeError'],
  ['cut_chunk', { how: 'cut_chunk', ...after }, 20, 'TypeError'],
  ['no_final_chunk: all is there', { how: 'no_final_chunk' }, 40, 'TypeError'],
])('%s', async (_, settings, tokens, end) => {
  expect(await officialClient(settings)).toEqual({ tokens, end });
});

it('has handed out as many in its stream helper', async () => {
  const seen = await officialClient({ how: 'fin', ...after }, { stream: 'helper' });
  expect(seen).toEqual({ tokens: 20, end: 'OpenAIError' });
});
