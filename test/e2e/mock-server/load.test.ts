import { describe, expect, it } from 'vitest';
import type { MockServer } from '../../../mock-server/index.ts';
import { VirtualScheduler } from '../../../src/timer/virtual-scheduler.ts';
import { mockForTest } from './harness.ts';

const messages = [{ role: 'user', content: 'x' }];

function ask(mock: MockServer, signal?: AbortSignal): Promise<Response> {
  return fetch(`${mock.baseUrl}/chat/completions`, {
    method: 'POST',
    body: JSON.stringify({ model: 'm', stream: true, messages }),
    ...(signal && { signal }),
  });
}

/** Lets the mock's time go on, which stood until now, until answers have been read. */
async function readAll(time: VirtualScheduler, answers: Promise<Response>[]): Promise<string[]> {
  const timer = setInterval(() => time.advanceMs(100), 1);
  try {
    return await Promise.all(answers.map(async (answer) => (await answer).text()));
  } finally {
    clearInterval(timer);
  }
}

describe('under load', () => {
  it('queues for a slot, refuses beyond the queue, and serves who waited', async () => {
    const time = new VirtualScheduler(1e9);
    const mock = await mockForTest({ slots: 1, queue: 1, ttft: '800ms', tokens: 2 }, time);
    const first = ask(mock);
    await expect.poll(() => mock.stats().capacity.inUse).toBe(1);
    const second = ask(mock);
    await expect.poll(() => mock.stats().capacity.queued).toBe(1);
    const third = await ask(mock);
    expect(third.status).toBe(503);
    expect(third.headers.get('retry-after')).toBe('1');
    await third.text();
    for (const text of await readAll(time, [first, second])) expect(text).toContain('[DONE]');
    const [one, two] = mock.log();
    expect(two!.admittedNs).toBeGreaterThanOrEqual(one!.endedNs!);
    expect(mock.stats()).toMatchObject({ refused: { 503: 1 }, capacity: { inUse: 0, queued: 0 } });
  });

  it('gives the place of a client that leaves the queue to the next one', async () => {
    const time = new VirtualScheduler(1e9);
    const mock = await mockForTest({ slots: 1, queue: 2, ttft: '800ms', tokens: 1 }, time);
    const first = ask(mock);
    await expect.poll(() => mock.stats().capacity.inUse).toBe(1);
    const leaving = new AbortController();
    const second = ask(mock, leaving.signal).catch(() => 'left');
    await expect.poll(() => mock.stats().capacity.queued).toBe(1);
    const third = ask(mock);
    await expect.poll(() => mock.stats().capacity.queued).toBe(2);
    leaving.abort();
    expect(await second).toBe('left');
    await expect.poll(() => mock.stats().capacity.queued).toBe(1);
    await readAll(time, [first, third]);
    expect(mock.log().map((stream) => stream.end)).toEqual([
      'completed',
      'client_left',
      'completed',
    ]);
  });

  it('answers 429 with the headers a client needs', async () => {
    const mock = await mockForTest({ rate_limits: { requests: '2/m' }, tokens: 1 });
    for (let i = 0; i < 2; i++) {
      const allowed = await ask(mock);
      expect(allowed.headers.get('x-ratelimit-remaining-requests')).toBe(String(1 - i));
      await allowed.text();
    }
    const refused = await ask(mock);
    expect(refused.status).toBe(429);
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThanOrEqual(29);
    expect(await refused.json()).toMatchObject({
      error: { type: 'requests', code: 'rate_limit_exceeded' },
    });
  });

  it('stops producing when a client leaves, and says what was wasted', async () => {
    const mock = await mockForTest({ tokens: 100_000, itl: '2ms', stop_delay: '50ms' });
    const leaving = new AbortController();
    const response = await ask(mock, leaving.signal);
    const reader = response.body!.getReader();
    await reader.read();
    leaving.abort();
    await expect.poll(() => mock.stats().endings).toEqual({ client_left: 1 });
    const [truth] = mock.log();
    expect(truth!.tokensAfterLeft).toBeGreaterThan(0);
    expect(truth!.tokensAfterLeft).toBeLessThan(2000);
    expect(truth!.clientLeftNs).toBeGreaterThan(truth!.admittedNs!);
  });

  it('serves its log and stats over HTTP as it does in code', async () => {
    const mock = await mockForTest({ tokens: 3 });
    for (let i = 0; i < 3; i++) await (await ask(mock)).text();
    const root = new URL(mock.baseUrl).origin;
    expect(await (await fetch(`${root}/log`)).json()).toEqual(
      JSON.parse(JSON.stringify(mock.log())),
    );
    const since = (await (await fetch(`${root}/log?since=2`)).json()) as unknown[];
    expect(since).toMatchObject([{ sequence: 3 }]);
    expect(await (await fetch(`${root}/log?since=9`)).json()).toEqual([]);
    const stats = (await (await fetch(`${root}/stats`)).json()) as Record<string, unknown>;
    expect(stats).toMatchObject({ streamsDone: 3, tokensSent: 9, streamsOpen: 0 });
    expect(Object.keys(stats).sort()).toEqual(Object.keys(mock.stats()).sort());
  });

  it('gives the same answer to the same stream name in any arm', async () => {
    const mock = await mockForTest({ tokens: 'uniform(5, 50)', itl: 'gamma(1ms, 1)' });
    for (const name of ['sse/0/5.2', 'websocket/3/5.2', 'sse/0/6.1']) {
      const response = await fetch(`${mock.baseUrl}/chat/completions`, {
        method: 'POST',
        headers: { 'x-streamgauge-stream': name },
        body: JSON.stringify({ model: 'm', messages: [{ role: 'user', content: name }] }),
      });
      await response.text();
    }
    const [one, two, other] = mock.log().map((stream) => stream.transcript);
    expect(one).toBe(two);
    expect(other).not.toBe(one);
  });
});
