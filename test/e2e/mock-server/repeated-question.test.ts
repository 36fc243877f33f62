/** A client that asks the same thing again and again sees a distribution, not one value of it. */
import { describe, expect, it } from 'vitest';
import { startMock } from '../../../mock-server/index.ts';

async function lengths(headers: Record<string, string> = {}): Promise<number[]> {
  const mock = await startMock({ ttft: '1ms', itl: '0ms', tokens: 'uniform(1, 200)', seed: '5' });
  const seen: number[] = [];
  for (let i = 0; i < 12; i++) {
    const response = await fetch(`${mock.baseUrl}/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify({ model: 'm', messages: [{ role: 'user', content: 'same' }] }),
    });
    const body = (await response.json()) as { usage: { completion_tokens: number } };
    seen.push(body.usage.completion_tokens);
  }
  await mock.close();
  return seen;
}

describe('the same question without a stream id', () => {
  it('gets its own draw each time, the same ones after a restart', async () => {
    const first = await lengths();
    expect(new Set(first).size).toBeGreaterThan(6);
    expect(await lengths()).toEqual(first);
  });

  it('gets one draw under one name', async () => {
    expect(new Set(await lengths({ 'x-streamgauge-stream': 'a/0/1.0' })).size).toBe(1);
  });
});
