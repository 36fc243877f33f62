import OpenAI from 'openai';
import { onTestFinished } from 'vitest';
import { startMock, type MockOptions, type MockServer } from '../../../mock-server/index.ts';

/** A mock that ends with the test. */
export async function mockForTest(options: MockOptions = {}): Promise<MockServer> {
  const mock = await startMock({ profile: 'instant', ...options });
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
