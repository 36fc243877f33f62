/** A whole mock server whose tokens are due in virtual time: real sockets, and not a token too early. */
import { expect, it, onTestFinished } from 'vitest';
import { startMock } from '../../../mock-server/index.ts';
import { VirtualScheduler } from '../../../src/timer/virtual-scheduler.ts';

const wallMs = Date.parse('2026-03-01T12:00:07.900Z');

it('plans, stamps and dates by the time it was given', async () => {
  const scheduler = new VirtualScheduler(50e9);
  const mock = await startMock({ ttft: '20s', itl: '1h', tokens: 3 }, undefined, {
    scheduler,
    clock: { wall: () => wallMs },
  });
  onTestFinished(() => mock.close());
  const asking = fetch(`${mock.baseUrl}/chat/completions`, {
    method: 'POST',
    headers: {
      authorization: 'Bearer key',
      'x-streamgauge-truth': '1',
      'x-streamgauge-stream': 'virtual',
    },
    body: JSON.stringify({
      model: 'm',
      stream: true,
      messages: [{ role: 'user', content: 'Hello' }],
    }),
  });
  // The request comes in real time; only then may the clock move.
  await expect.poll(() => mock.stats().streamsOpen).toBe(1);
  expect(mock.stats().uptimeMs).toBe(0);
  scheduler.advanceMs(20_000);
  scheduler.advanceMs(3 * 3_600_000);
  const response = await asking;
  const text = await response.text();
  const stamps = [...text.matchAll(/^: sg \d+ (\d+)\n.*"content":"[^"]/gm)].map(([, ns]) =>
    Math.round((Number(ns) - 50e9) / 1e6),
  );
  expect(stamps).toEqual([20_000, 3_620_000, 7_220_000]);
  expect(text).toContain(`"created":${Math.floor(wallMs / 1000)}`);
  const [stream] = mock.stops();
  expect((stream!.stoppedNs! - 50e9) / 1e6).toBe(7_220_000);
  expect(mock.stats().uptimeMs).toBe(20_000 + 3 * 3_600_000);
});
