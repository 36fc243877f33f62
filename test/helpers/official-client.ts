/** The official client against a mock whose answers are disconnected. */
import OpenAI from 'openai';
import { onTestFinished } from 'vitest';
import { eventKindReader } from '../../src/dialect/event-kind-readers.ts';
import { startMock } from '../../mock-server/index.ts';
import { parseFaults } from '../../src/fault/registry.ts';
import { startFaultProxy } from '../../src/fault/relay/fault-proxy.ts';

export interface ClientResult {
  /** Handed out to the application. */
  tokens: number;
  /** How its loop ended: an error's name, `ends`, or `waiting` where it did not. */
  end: string;
}

/**
 * What the client does, and how many tokens it has handed out by then.
 *
 * @param settings - of the disconnect.
 * @param waitMs - how long it is watched at most.
 */
export async function officialClient(
  settings: Record<string, unknown>,
  { stream = 'plain', waitMs = 30_000 }: { stream?: 'plain' | 'helper'; waitMs?: number } = {},
): Promise<ClientResult> {
  const mock = await startMock({ ttft: '5ms', itl: '2ms', tokens: 40, text: 'unicode' });
  onTestFinished(() => mock.close());
  const proxy = await startFaultProxy({
    target: { host: '127.0.0.1', port: mock.port },
    faults: parseFaults([{ disconnect: settings }]),
    seed: '1',
    environment: {
      readText: () => '',
      baseDirectory: '/',
      eventKind: eventKindReader(undefined),
    },
  });
  onTestFinished(() => proxy.close());
  const client = new OpenAI({
    baseURL: `http://127.0.0.1:${proxy.port}/v1`,
    apiKey: 'k',
    maxRetries: 0,
    // Over with the headers; long enough for those on a busy machine.
    timeout: 1000,
  });
  const body = { model: 'm', messages: [{ role: 'user' as const, content: 'hello' }] };
  const seen: ClientResult = { tokens: 0, end: 'waiting' };
  const reading = (async () => {
    try {
      const chunks =
        stream === 'plain'
          ? await client.chat.completions.create({ ...body, stream: true })
          : client.chat.completions.stream(body);
      for await (const chunk of chunks) if (chunk.choices[0]?.delta.content) seen.tokens++;
      seen.end = 'ends';
    } catch (error) {
      seen.end = (error as Error).constructor.name;
      if (error instanceof OpenAI.APIError) seen.end += ' (APIError)';
    }
  })();
  await Promise.race([reading, new Promise((resolve) => setTimeout(resolve, waitMs))]);
  return seen;
}
