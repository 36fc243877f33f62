import { describe, expect, it } from 'vitest';
import { TruthLog } from '../../../mock-server/truth/truth-log.ts';

const identity = {
  streamId: '',
  seedKey: '',
  api: 'chat',
  transport: 'sse',
  model: 'm',
  responseId: '',
  receivedNs: 1,
} as const;

describe('the truth log', () => {
  it('keeps what was sent, and what was produced for no client', () => {
    const log = new TruthLog(10);
    const stream = log.begin(identity);
    stream.admitted(2, 1.5);
    stream.event(0, undefined, 0, 3, 3);
    stream.event(1, 'reasoning', 2, 4, 5, 'think');
    stream.event(2, 'content', 1, 6, 7, 'Hi');
    stream.toolCall('f', 'call_1');
    stream.event(3, 'tool_arguments', 3, 8, 9, '{}');
    stream.clientLeft(10);
    stream.clientLeft(11);
    stream.producedAfterLeft(4);
    stream.ended('client_left', 12);
    stream.ended('completed', 13);
    expect(log.streams()).toMatchObject([
      {
        sequence: 1,
        admittedNs: 2,
        stretch: 1.5,
        transcript: 'Hi',
        reasoning: 'think',
        toolCalls: [{ name: 'f', callId: 'call_1', arguments: '{}' }],
        tokensSent: 6,
        clientLeftNs: 10,
        tokensAfterLeft: 4,
        endedNs: 12,
        end: 'client_left',
      },
    ]);
    expect(log.streams()[0]!.events[2]).toEqual({
      n: 2,
      kind: 'content',
      tokens: 1,
      dueNs: 6,
      sentNs: 7,
    });
    expect(log.totals()).toMatchObject({ streamsDone: 1, endings: { client_left: 1 } });
  });

  it('is bounded by streams and by events, drops the oldest, keeps running ones and totals', () => {
    const log = new TruthLog(3, 100);
    const running = log.begin(identity);
    for (let i = 0; i < 10; i++) {
      const stream = log.begin(identity);
      for (let n = 0; n < 30; n++) stream.event(n, 'content', 1, 0, 0, 'x');
      stream.ended('completed', 1);
    }
    expect(log.streams().map((stream) => stream.sequence)).toEqual([1, 10, 11]);
    expect(log.streams(10)).toHaveLength(1);
    expect(log.totals()).toMatchObject({
      streamsOpen: 1,
      streamsDone: 10,
      tokensSent: 300,
      log: { kept: 3, dropped: 8, maxStreams: 3, maxEvents: 100 },
    });
    running.ended('aborted', 2);
    const long = log.begin(identity);
    for (let n = 0; n < 500; n++) long.event(n, 'content', 1, 0, 0, 'x');
    long.ended('completed', 3);
    expect(log.totals().log.kept).toBe(0);
  });
});
