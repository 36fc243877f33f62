/** A turn of a dialect whose frames say which landmarks they reach, at times chosen by hand. */
import type { Conversation } from '../../src/dialect/dialect.ts';
import { Turn } from '../../src/session/turn.ts';
import type { TurnRecord } from '../../src/session/turn-record.ts';
import { emptyFrame } from '../../src/transport/transport.ts';

const ms = 1e6;
/** When its request was written, monotonic ns. */
export const writtenAt = 1_000_000 * ms;

export interface LandmarkFrame {
  /** After the written request, ms; below 0 before it. */
  at: number;
  /** Landmarks that the frame reaches. */
  reaches?: readonly string[];
  /** The terminal event. */
  done?: boolean;
}

/** @param declared - what the dialect declares. @param written - false where the request never was. */
export function landmarkTurn(
  frames: readonly LandmarkFrame[],
  declared: readonly string[],
  written = true,
): Promise<TurnRecord> {
  const conversation: Conversation = {
    ask: () => ({ streamId: '', method: 'GET', path: '/' }),
    decode: (frame, sink) => {
      const { reaches = [], done } = JSON.parse(frame.data) as LandmarkFrame;
      for (const name of reaches) sink.landmark(name);
      if (done) sink.terminal('completed');
      else sink.progress();
    },
    pendingToolCalls: () => [],
  };
  const turn = new Turn(
    'a/0/0.0',
    { intendedAt: writtenAt - 30 * ms, startedAt: writtenAt - 10 * ms },
    conversation,
    {
      onGap: () => {},
      onInstrumentError: () => {},
      onEvent: () => {},
      onFirstToken: () => {},
      onConnected: () => {},
    },
    { readingPaceMs: 100, maxArrivals: 10, landmarks: new Set(declared) },
  );
  let isWritten = !written;
  for (const step of frames) {
    if (!isWritten && step.at >= 0) {
      turn.onWritten(writtenAt);
      isWritten = true;
    }
    const data = JSON.stringify(step);
    turn.onFrame({ ...emptyFrame(), data, bytes: data.length, at: writtenAt + step.at * ms });
  }
  if (!isWritten) turn.onWritten(writtenAt);
  turn.onEnd({ kind: 'complete', at: writtenAt + 10_000 * ms });
  return turn.done;
}
