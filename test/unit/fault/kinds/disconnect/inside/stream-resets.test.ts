import { describe, expect, it } from 'vitest';
import { Lane } from '../../../../../../src/fault/kinds/disconnect/inside/lane.ts';
import {
  StreamResets,
  type StreamResetOptions,
} from '../../../../../../src/fault/kinds/disconnect/inside/stream-resets.ts';
import { VirtualScheduler } from '../../../../../../src/timer/virtual-scheduler.ts';
import { rstStream } from '../../../../../../src/wire/http2-frames.ts';
import { recordingContext } from '../../../../../helpers/pipe-context.ts';

const code = 8;
const reset = (stream: number): string =>
  `inject ${Buffer.from(rstStream(stream, code)).toString('hex')}`;

function resets(moment: StreamResetOptions['moment']) {
  const scheduler = new VirtualScheduler();
  const contexts = [
    recordingContext('client_to_target', scheduler),
    recordingContext('target_to_client', scheduler),
  ] as const;
  const [up, down] = contexts.map((context) => {
    const lane = new Lane();
    lane.open(context);
    return lane;
  });
  let fired = 0;
  const made = new StreamResets(up!, down!, { up: 0, down: 0 }, { code, moment }, () => fired++);
  return {
    made,
    at: (ms: number) => scheduler.advanceTo(ms * 1e6),
    logs: contexts.map(({ log }) => log),
    fired: () => fired,
  };
}

describe('resetting streams', () => {
  it('tells both sides immediately where a place is reached between frames', () => {
    const { made, logs, fired } = resets({ kind: 'headers' });
    made.reset(1, 0);
    expect(logs).toEqual([[reset(1)], [reset(1)]]);
    expect(fired()).toBe(1);
  });

  it('comes so long after each answer begins, each stream by itself', () => {
    const { made, at, logs } = resets({ kind: 'time', ms: 50 });
    made.begins(1);
    at(20);
    made.begins(3);
    made.goesOn(1);
    at(49);
    expect(logs[1]).toEqual([]);
    at(50);
    expect(logs[1]).toEqual([reset(1)]);
    at(70);
    expect(logs).toEqual([
      [reset(1), reset(3)],
      [reset(1), reset(3)],
    ]);
  });

  it('comes after silence of the stream, not of its neighbour', () => {
    const { made, at, logs } = resets({ kind: 'idle', ms: 50 });
    made.begins(1);
    made.begins(3);
    at(30);
    made.goesOn(3);
    at(79);
    expect(logs[1]).toEqual([reset(1)]);
    at(80);
    expect(logs[1]).toEqual([reset(1), reset(3)]);
  });

  it('does not come for a stream that has ended, nor once the connection is gone', () => {
    const { made, at, logs, fired } = resets({ kind: 'time', ms: 50 });
    made.begins(1);
    made.begins(3);
    made.ends(1);
    made.close();
    at(1000);
    expect([logs, fired()]).toEqual([[[], []], 0]);
  });
});
