/** The simple kinds, each by the exact times and sizes of a small stream; and the settings of all. */
import { describe, expect, it } from 'vitest';
import { makeBufferModel, proxySchema, type ProxySettings } from '../../../src/proxy/registry.ts';
import { streamThrough } from '../../helpers/virtual-stream.ts';

/** Ten tokens of 100 bytes, 10 ms apart, the end 10 ms after the last. */
const small = { tokens: 10, tokenBytes: 100, gapMs: 10 };

async function bursts(settings: ProxySettings, shape = {}): Promise<[number, number][]> {
  const seen = await streamThrough(settings, { ...small, ...shape });
  expect(seen.received).toBe(10);
  return seen.bursts
    .filter(({ chunks }) => chunks.length > 0)
    .map(({ atMs, chunks }) => [atMs, chunks.reduce((sum, bytes) => sum + bytes, 0)]);
}

describe('what leaves when', () => {
  it('size: when the buffer is full, and the rest at the end', async () => {
    expect(await bursts({ kind: 'size', bytes: '350B' })).toEqual([
      [30, 350],
      [60, 350],
      [100, 300],
    ]);
  });

  it('size: several buffers at once where a read fills them', async () => {
    const seen = await streamThrough({ kind: 'size', bytes: '40B' }, { ...small, tokens: 1 });
    expect(seen.bursts[0]!.chunks).toEqual([40, 40]);
  });

  it('interval: a period after the first byte held', async () => {
    expect(await bursts({ kind: 'interval', period: '35ms' })).toEqual([
      [35, 400],
      [75, 400],
      [100, 200],
    ]);
  });

  it('count: whole events, wherever reads divide them', async () => {
    const expected = [
      [30, 400],
      [70, 400],
      [100, 200],
    ];
    expect(await bursts({ kind: 'count', events: 4 })).toEqual(expected);
    const split = { split: { how: 'middle', ms: 0.1 } };
    expect((await bursts({ kind: 'count', events: 4 }, split)).map(([, size]) => size)).toEqual([
      400, 400, 200,
    ]);
  });

  it('one-token-lag: each with the next, the last at the end', async () => {
    expect(await bursts({ kind: 'one-token-lag' })).toEqual(
      Array.from({ length: 10 }, (_, i) => [(i + 1) * 10, 100]),
    );
  });

  it('store-and-forward: all at the end, with its length', async () => {
    const seen = await streamThrough({ kind: 'store-and-forward' }, small);
    expect(seen.bursts).toHaveLength(1);
    expect(seen.headMs).toBe(100);
    expect(seen.headers).toContainEqual(['content-length', '1000']);
  });

  it('header-hold: nothing but the head', async () => {
    const seen = await streamThrough(
      { kind: 'header-hold' },
      { ...small, stall: { afterTokens: 0, ms: 500 } },
    );
    expect(seen.headMs).toBe(500);
    expect(seen.delayMax).toBe(0);
  });

  it.each<[ProxySettings, number]>([
    [{ kind: 'size', bytes: '350B' }, 30],
    [{ kind: 'size', bytes: '350B', headers: 'early' }, 0],
    [{ kind: 'interval', period: '35ms' }, 35],
    [{ kind: 'interval', period: '35ms', headers: 'early' }, 0],
    [{ kind: 'count', events: 4 }, 30],
    [{ kind: 'count', events: 4, headers: 'early' }, 0],
    [{ kind: 'one-token-lag' }, 0],
    [{ kind: 'gzip-hold' }, 0],
  ])('%j sends its head at %d ms', async (settings, expected) => {
    expect((await streamThrough(settings, small)).headMs).toBe(expected);
  });

  it('gzip-hold: leaves alone what says no-transform or is encoded already', async () => {
    for (const header of [
      ['Cache-Control', 'no-cache, no-transform'],
      ['Content-Encoding', 'none'],
    ] as [string, string][]) {
      const seen = await streamThrough(
        { kind: 'gzip-hold' },
        { ...small, acceptsGzip: true, headers: [header] },
      );
      expect(seen.delayMax).toBe(0);
    }
  });
});

it('nginx strips X-Accel-Buffering and names itself', async () => {
  const { headers } = await streamThrough(
    { kind: 'nginx' },
    { ...small, headers: [['X-Accel-Buffering', 'no']] },
  );
  expect(headers).toEqual([
    ['Content-Type', 'text/event-stream'],
    ['server', 'nginx'],
  ]);
});

describe('settings', () => {
  it.each([
    [{ kind: 'nginx', bufering: 'on' }, 'bufering'],
    [{ kind: 'nginx', buffer_size: 4096 }, 'is not a size'],
    [{ kind: 'nginx', buffer_size: '0B' }, 'above 0'],
    [{ kind: 'interval', period: '100' }, '100ms'],
    [{ kind: 'size' }, 'bytes'],
    [{ kind: 'count', events: 0 }, 'events'],
    [{ kind: 'squid' }, 'kind'],
  ])('%j is refused, naming %s', (settings, named) => {
    expect(() => makeBufferModel(settings as ProxySettings)).toThrow(named);
  });

  it('have no default for kind', () => {
    expect(proxySchema.safeParse({}).success).toBe(false);
  });
});
