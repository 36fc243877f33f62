import OpenAI from 'openai';
import { onTestFinished } from 'vitest';
import { startMock, type MockOptions, type MockServer } from '../../../mock-server/index.ts';
import type { VirtualScheduler } from '../../../src/timer/virtual-scheduler.ts';
import { realClock } from '../../../src/world.ts';

/**
 * A mock that ends with the test.
 *
 * @param time - moves its time when it is told to; default: the machine's.
 */
export async function mockForTest(
  options: MockOptions = {},
  time?: VirtualScheduler,
): Promise<MockServer> {
  const ownTime = time && { scheduler: time, clock: realClock };
  const mock = await startMock({ profile: 'instant', ...options }, undefined, ownTime);
  onTestFinished(() => mock.close());
  return mock;
}

export function clientOf(mock: MockServer, headers: Record<string, string> = {}): OpenAI {
  return new OpenAI({
    apiKey: 'sk-test',
    baseURL: mock.baseUrl,
    maxRetries: 0,
    defaultHeaders: headers,
  });
}

/** The data lines of an SSE body, parsed; `[DONE]` is left as it is. */
export function dataOf(body: string): unknown[] {
  return body
    .split('\n')
    .filter((line) => line.startsWith('data: '))
    .map((line) => (line === 'data: [DONE]' ? '[DONE]' : (JSON.parse(line.slice(6)) as unknown)));
}

export const weatherTool = {
  name: 'get_weather',
  description: 'Weather of a place',
  parameters: {
    type: 'object',
    properties: {
      city: { type: 'string' },
      unit: { type: 'string', enum: ['celsius', 'fahrenheit'] },
      days: { type: 'integer', minimum: 1, maximum: 7 },
    },
    required: ['city', 'unit', 'days'],
    additionalProperties: false,
  },
};
