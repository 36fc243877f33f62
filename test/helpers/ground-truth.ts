/** The client's stamps compared with the mock's, stream by stream and event by event, for every way to ask. */
import { expect } from 'vitest';
import type { MockServer } from '../../mock-server/index.ts';
import type { ArmPlan } from '../../src/scenario/plan.ts';
import { armPlan, askOnce, endpointFor, runSession } from './arm.ts';

const tool = { name: 'look_up', parameters: { type: 'object', properties: {} } };

/** Every dialect over every carrier. */
export const groundTruthArms: Record<string, Partial<ArmPlan>> = {
  'chat over SSE': {},
  'chat over SSE and TLS': { tls: { rejectUnauthorized: true, ca: 'mock', terminate: false } },
  'chat over SSE and HTTP/2': {
    http: { version: '2' },
    tls: { rejectUnauthorized: true, ca: 'mock', terminate: false },
  },
  'chat over SSE, tool call': {
    session: {
      ...armPlan().session,
      steps: [{ ...askOnce, tools: [tool], toolChoice: 'required' }],
    },
  },
  'chat over SSE, via SDK': { via: 'sdk' },
  'responses over SSE': { dialect: 'openai-responses' },
  'responses over WebSocket': { dialect: 'openai-responses', transport: 'websocket' },
  'responses over WebSocket and TLS': {
    dialect: 'openai-responses',
    transport: 'websocket',
    tls: { rejectUnauthorized: true, ca: 'mock', terminate: false },
  },
  'responses over WebSocket, via SDK': {
    dialect: 'openai-responses',
    transport: 'websocket',
    via: 'sdk',
  },
  'realtime text': { dialect: 'openai-realtime', transport: 'websocket' },
  'realtime audio': {
    dialect: 'openai-realtime',
    transport: 'websocket',
    dialectOptions: { modality: 'audio' },
  },
  'realtime text, via SDK': { dialect: 'openai-realtime', transport: 'websocket', via: 'sdk' },
};

/**
 * Runs four sessions at once against a mock with TLS in this process. What was received must be what was sent.
 *
 * @returns by how much the client's times are behind the mock's, ms; empty for audio, whose events
 *   carry words that the client does not count.
 */
export async function compareWithMock(
  mock: MockServer,
  name: string,
  overrides: Partial<ArmPlan>,
): Promise<number[]> {
  const secure = overrides.tls?.ca === 'mock';
  const arm = armPlan({
    ...overrides,
    name: name.replace(/\W+/g, '-'),
    timeouts: { connectMs: 30_000, idleMs: 30_000, totalMs: 60_000 },
  });
  const endpoint = endpointFor(arm, secure ? mock.secureBaseUrl! : mock.baseUrl, {
    groundTruth: true,
    tls: { rejectUnauthorized: true, ...(secure ? { ca: mock.certificate! } : {}) },
  });
  const sessions = await Promise.all(
    Array.from({ length: 4 }, (_, session) => runSession(arm, endpoint, { session })),
  );
  const behind: number[] = [];
  for (const { turns, instrumentErrors } of sessions) {
    const [turn] = turns;
    expect({ outcome: turn!.outcome, detail: turn!.detail }).toEqual({
      outcome: 'completed',
      detail: '',
    });
    const truth = mock.log().find((stream) => stream.streamId === turn!.streamId);
    expect(truth, `no log entry for ${turn!.streamId}`).toBeDefined();
    const sent = truth!.events.filter((event) => event.kind !== undefined);
    const arrived = turn!.arrivals.times;
    if (arm.dialectOptions['modality'] === 'audio') {
      // Each audio event comes with its words, which the client does not count as tokens.
      expect(arrived.length).toBeGreaterThan(3);
      expect(turn!.audioMs).toBeGreaterThan(100);
    } else {
      expect(arrived).toHaveLength(sent.length);
      expect(turn!.usage?.outputTokens).toBe(truth!.tokensSent);
      for (const [index, event] of sent.entries()) {
        behind.push((arrived[index]! - event.sentNs) / 1e6);
      }
      // From the client's request to its own first token, against the server's two stamps.
      const measured = (turn!.firstTokenAt - turn!.writtenAt) / 1e6;
      const actual = (sent[0]!.sentNs - truth!.receivedNs) / 1e6;
      behind.push(measured - actual);
    }
    // The stamps are in SSE comments, which the official package drops.
    const stamped = !(arm.via === 'sdk' && arm.transport === 'sse');
    if (stamped) expect(instrumentErrors.length).toBeGreaterThan(3);
    else expect(instrumentErrors).toEqual([]);
    for (const error of instrumentErrors) expect(error).toBeGreaterThan(-0.001);
  }
  return behind;
}
