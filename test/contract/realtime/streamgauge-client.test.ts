/** streamgauge's Realtime client against the mock, event by event against the mock's log. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startMock, type MockServer } from '../../../mock-server/index.ts';
import { armPlan, endpointFor, runSession } from '../../helpers/arm.ts';

const tools = [{ name: 'get_weather', parameters: { type: 'object', properties: {} } }];

describe('the realtime dialect', () => {
  let mock: MockServer;
  beforeAll(async () => {
    mock = await startMock({
      ttft: '20ms',
      itl: '2ms',
      tokens: 24,
      audio: { speed: 20 },
    });
  });
  afterAll(() => mock.close());

  const base = {
    dialect: 'openai-realtime',
    transport: 'websocket',
    model: 'gpt-realtime',
  } as const;

  const run = async (plan: Parameters<typeof armPlan>[0]) => {
    const arm = armPlan({ ...base, ...plan });
    const endpoint = endpointFor(arm, mock.baseUrl, { groundTruth: true });
    const { turns } = await runSession(arm, endpoint);
    for (const turn of turns) {
      expect({ outcome: turn.outcome, detail: turn.detail }).toMatchObject({
        outcome: 'completed',
      });
    }
    return turns.map((turn) => ({
      turn,
      stream: mock.log().findLast((stream) => stream.streamId === turn.streamId)!,
    }));
  };

  const ask = { kind: 'ask', prompt: 'hi', maxTokens: undefined } as const;

  it('has text turns with a tool call between them', async () => {
    const turns = await run({
      session: {
        steps: [
          { ...ask, tools, toolChoice: 'required' },
          {
            kind: 'tool_result',
            output: 'sunny',
            maxTokens: undefined,
            tools: [],
            toolChoice: 'none',
          },
          { ...ask, tools: [], toolChoice: undefined },
        ],
        prompts: [],
        promptOrder: 'sequential',
        variables: {},
      },
    });
    expect(turns).toHaveLength(3);
    expect(turns[0]!.stream.toolCalls).toHaveLength(1);
    for (const { turn, stream } of turns) {
      const tokenEvents = stream.events.filter((event) => event.tokens > 0);
      expect(turn.tokenEvents).toBe(tokenEvents.length);
      expect(turn.usage?.outputTokens).toBe(stream.tokensSent);
      // Never before it was sent; how much later is judged in test/timing/ground-truth.test.ts.
      const late = [...turn.arrivals.times].map((at, i) => (at - tokenEvents[i]!.sentNs) / 1e6);
      expect(Math.min(...late)).toBeGreaterThan(-0.001);
    }
  });

  it.each([
    ['wire', 'server_vad'],
    ['wire', 'none'],
    ['sdk', 'server_vad'],
    ['sdk', 'none'],
  ] as const)('speaks and is spoken to: via %s, turn detection %s', async (via, turnDetection) => {
    const [spoken] = await run({
      via,
      dialectOptions: { modality: 'audio', turn_detection: turnDetection },
      session: {
        steps: [{ kind: 'speak', source: { kind: 'synthetic', ms: 600 }, chunkMs: 100 }],
        prompts: [],
        promptOrder: 'sequential',
        variables: {},
      },
    });
    const { turn, stream } = spoken!;
    expect(stream.end).toBe('completed');
    // 24 tokens of 50 ms in chunks of 200 ms.
    expect(turn.tokenEvents).toBe(6);
    expect(turn.audioMs).toBeCloseTo(1200, 0);
    // The turn's clock starts with the last chunk of speech; detection waits for 200 ms of silence,
    // push-to-talk for the first token alone.
    const waitedMs = (turn.firstTokenAt - turn.writtenAt) / 1e6;
    expect(waitedMs).toBeGreaterThan(turnDetection === 'server_vad' ? 200 : 20);
  });
});
