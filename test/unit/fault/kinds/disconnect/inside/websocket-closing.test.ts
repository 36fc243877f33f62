import { describe, expect, it } from 'vitest';
import { Lane } from '../../../../../../src/fault/kinds/disconnect/inside/lane.ts';
import { WebSocketClosing } from '../../../../../../src/fault/kinds/disconnect/inside/websocket-closing.ts';
import { VirtualScheduler } from '../../../../../../src/timer/virtual-scheduler.ts';
import { recordingContext } from '../../../../../helpers/pipe-context.ts';

/** Close, 1011, "x": for the client plain, for the target behind a mask. */
const toClient = /^inject 880303f378$/;
const toTarget = /^inject 8883[0-9a-f]{14}$/;

/** @param unfinished - bytes that the client's frame which is under way still lacks. */
function close(unfinished: number) {
  const scheduler = new VirtualScheduler();
  const contexts = {
    up: recordingContext('client_to_target', scheduler),
    down: recordingContext('target_to_client', scheduler),
  };
  const up = new Lane();
  const down = new Lane();
  up.open(contexts.up);
  down.open(contexts.down);
  let missing = unfinished;
  const frames = {
    get upBetween() {
      return missing === 0;
    },
    up(bytes: Uint8Array) {
      const at = up.tape.end - bytes.length + missing;
      missing = Math.max(0, missing - bytes.length);
      if (missing === 0) closing.frameEnds(at);
    },
  };
  const closing = new WebSocketClosing(up, down, frames, { code: 1011, reason: 'x' });
  return {
    scheduler,
    up,
    down,
    closing,
    log: { up: contexts.up.log, down: contexts.down.log },
  };
}

describe('closing a WebSocket', () => {
  it('puts a frame in for each side, where the client is between frames', () => {
    const { closing, log } = close(0);
    closing.begin();
    expect(log.down).toEqual([expect.stringMatching(toClient), 'endConnection ws_close']);
    expect(log.up).toEqual([expect.stringMatching(toTarget), 'endConnection ws_close']);
  });

  it('counts what was held of the target as gone', () => {
    const { closing, down, log } = close(0);
    down.tape.push(new Uint8Array(7));
    closing.begin();
    expect(log.down).toContain('discard 7');
  });

  it('waits for the rest of the client’s frame, and lets nothing of the next one pass', () => {
    const { closing, log } = close(3);
    closing.begin();
    expect(log.up).toEqual([]);
    closing.writeUp(Buffer.from([1, 2]));
    closing.writeDown(new Uint8Array(5));
    closing.writeUp(Buffer.from([3, 4, 5]));
    expect(log.up).toEqual([
      'forward 0102',
      'forward 03',
      expect.stringMatching(toTarget),
      'discard 2',
      'endConnection ws_close',
    ]);
    expect(log.down).toEqual([
      expect.stringMatching(toClient),
      'discard 5',
      'endConnection ws_close',
    ]);
  });

  it('waits no longer than two seconds, and then closes without a frame for the target', () => {
    const { closing, log, scheduler } = close(3);
    closing.begin();
    scheduler.advanceMs(1999);
    expect(log.up).toEqual([]);
    scheduler.advanceMs(1);
    expect(log.up).toEqual(['endConnection ws_close']);
  });

  it('is over where the client ends, before or after it began', () => {
    const later = close(3);
    later.closing.begin();
    later.closing.endUp();
    expect(later.log.up).toEqual(['endConnection ws_close']);
    later.scheduler.advanceMs(10_000);
    expect(later.log.up).toHaveLength(1);
    const before = close(3);
    before.up.ended = true;
    before.closing.begin();
    expect(before.log.up).toEqual(['endConnection ws_close']);
  });
});
