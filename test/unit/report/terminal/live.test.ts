import { describe, expect, test } from 'vitest';
import { styleFor } from '../../../../src/format/style.ts';
import { displayWidth } from '../../../../src/format/width.ts';
import { makeLiveView, plainStatus, statusLines } from '../../../../src/report/terminal/live.ts';
import type { LiveSnapshot } from '../../../../src/result/live-snapshot.ts';
import { memoryWorld } from '../../../helpers/memory-world.ts';

const snapshot: LiveSnapshot = {
  arm: 'sse',
  armIndex: 0,
  armCount: 3,
  trial: 0,
  trialCount: 1,
  phase: 'measuring',
  elapsedMs: 12_300,
  totalMs: 37_000,
  active: 23,
  targetActive: null,
  intendedRate: 14,
  waiting: 3,
  started: 1182,
  done: 1156,
  failed: { truncated: 1, rejected: 4, reset: 0 },
  tokensPerSecond: 1020,
  ttft: { p50: 182, p95: 278 },
  itl: { p50: 19.6, p95: null },
  eventLoopDelayMs: 2.1,
};

/** What a terminal would show: enough of the control codes to replay the view. */
function screenOf(output: string): string[] {
  const lines = [''];
  let row = 0;
  // eslint-disable-next-line no-control-regex -- control codes are what is replayed
  for (const token of output.match(/\u001b\[\??\d*[A-Za-z]|\n|\r|[^\u001b\n\r]+/g) ?? []) {
    // eslint-disable-next-line no-control-regex -- as above
    const up = /^\u001b\[(\d+)A$/.exec(token);
    if (up) row -= Number(up[1]);
    else if (token === '\u001b[J') lines.splice(row, lines.length - row, '');
    else if (token === '\n') {
      row += 1;
      lines[row] ??= '';
    } else if (token !== '\r' && !token.startsWith('\u001b')) lines[row] += token;
  }
  return lines.slice(0, -1);
}

describe('text', () => {
  test('plain status', () => {
    expect(plainStatus(snapshot)).toMatchInlineSnapshot(
      `"sse · arm 1/3: measuring, 12 s of 37 s, 25 s left | 23 open · 1,182 started · 14.0/s intended · 3 waiting for a slot | 1,156 done · 5 failed (rejected 4, truncated 1) | 1,020/s tokens | ttft p50 182 ms p95 278 ms | gap p50 19.6 ms p95 –"`,
    );
  });

  test('status lines', () => {
    expect(statusLines(snapshot, [1, 2, 3], 79, styleFor(false)).join('\n')).toMatchInlineSnapshot(`
      "sse · arm 1/3  measuring  █████████░░░░░░░░░░░░░░░░░░░  12 s of 37 s, 25 s left
        sessions     23 open · 1,182 started · 14.0/s intended · 3 waiting for a sl…
        turns        1,156 done · ✗ 5 failed (rejected 4, truncated 1)
        first token  p50 182 ms · p95 278 ms
        token gap    p50 19.6 ms · p95 –
        tokens       1,020/s  ▃▆█
        event loop   2.10 ms late at p99"
    `);
  });

  test.each([10, 20, 40, 79, 200])('keeps to %d columns', (width) => {
    for (const line of statusLines(snapshot, [1, 2, 3], width, styleFor(true))) {
      expect(displayWidth(line)).toBeLessThanOrEqual(width);
    }
  });

  test('a run that only a count ends shows no time left', () => {
    expect(plainStatus({ ...snapshot, totalMs: null })).toMatch(/measuring, 12 s \|/);
  });
});

describe('on a terminal', () => {
  test('redraws in place, at most four times a second', () => {
    const world = memoryWorld({ interactive: true });
    const view = makeLiveView(world);
    for (let index = 0; index < 100; index++) {
      view.update({ ...snapshot, done: index });
      world.advance(10);
    }
    expect(world.err().split('done ·').length - 1).toBe(4);
    const screen = screenOf(world.err());
    expect(screen).toHaveLength(7);
    expect(screen[2]).toMatch(/^ {2}turns +75 done/);
    expect(world.out()).toBe('');
  });

  test('clears and gives the cursor back; twice does no harm', () => {
    const world = memoryWorld({ interactive: true });
    const view = makeLiveView(world);
    view.update(snapshot);
    expect(world.err()).toContain('\u001b[?25l');
    view.stop();
    const after = world.err();
    expect(after.endsWith('\u001b[?25h')).toBe(true);
    expect(screenOf(after)).toEqual([]);
    view.stop();
    expect(world.err()).toBe(after);
  });

  test('the cursor comes back when the process ends without stop', () => {
    const world = memoryWorld({ interactive: true });
    let atExit = (): void => undefined;
    world.console.atExit = (action) => {
      atExit = action;
    };
    makeLiveView(world).update(snapshot);
    atExit();
    expect(world.err().endsWith('\u001b[?25h')).toBe(true);
  });

  test('a note stays above', () => {
    const world = memoryWorld({ interactive: true });
    const view = makeLiveView(world);
    view.update(snapshot);
    view.note('stopping');
    view.update(snapshot);
    const screen = screenOf(world.err());
    expect(screen[0]).toBe('stopping');
    expect(screen).toHaveLength(8);
  });

  test('finds its top again when a narrower window has wrapped its lines', () => {
    const world = memoryWorld({ interactive: true, columns: 80 });
    const view = makeLiveView(world);
    view.update(snapshot);
    const first = world.err();
    const widths = first.split('\n').slice(0, -1).map(displayWidth);
    world.resize(30);
    world.advance(300);
    view.update(snapshot);
    const rows = widths.reduce((sum, width) => sum + Math.ceil(width / 30), 0);
    expect(world.err().slice(first.length)).toContain(`\u001b[${rows}A\u001b[J`);
  });
});

describe('elsewhere', () => {
  test('a line every five seconds and at each change of phase, without control codes', () => {
    const world = memoryWorld();
    const view = makeLiveView(world);
    for (let second = 0; second < 12; second++) {
      view.update({ ...snapshot, phase: second < 2 ? 'warmup' : 'measuring' });
      world.advance(1000);
    }
    view.note('stopping');
    view.stop();
    const lines = world.err().trimEnd().split('\n');
    expect(lines.map((line) => /warming up|measuring|stopping/.exec(line)![0])).toEqual([
      'warming up',
      'measuring',
      'measuring',
      'stopping',
    ]);
    expect(world.err()).not.toContain('\u001b');
  });
});
