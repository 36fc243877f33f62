/**
 * Live progress on stderr. On a terminal a few lines are redrawn in place, at most four times a
 * second; elsewhere a line is written every few seconds, so that CI logs stay readable.
 */
import { progressBar } from '../../format/bar.ts';
import { formatDuration, formatLong } from '../../format/duration.ts';
import { formatCount, formatRate, missing } from '../../format/number.ts';
import { sparkline } from '../../format/sparkline.ts';
import { signs, styleFor, type Style } from '../../format/style.ts';
import { displayWidth, truncate } from '../../format/width.ts';
import type { LiveSnapshot, LiveView } from '../../result/live-snapshot.ts';
import type { World } from '../../world.ts';

const redrawEveryMs = 250;
const plainEveryMs = 5000;
const historyLength = 30;

const phaseWords: Readonly<Record<LiveSnapshot['phase'], string>> = {
  connecting: 'connecting',
  warmup: 'warming up',
  measuring: 'measuring',
  cooldown: 'cooling down',
  draining: 'letting sessions finish',
  done: 'done',
};

function failedOf(snapshot: LiveSnapshot): { total: number; text: string } {
  const kinds = Object.entries(snapshot.failed)
    .filter((entry): entry is [string, number] => (entry[1] ?? 0) > 0)
    .sort((a, b) => b[1] - a[1]);
  const total = kinds.reduce((sum, [, count]) => sum + count, 0);
  const named = kinds
    .slice(0, 3)
    .map(([kind, count]) => `${kind} ${formatCount(count)}`)
    .join(', ');
  return {
    total,
    text:
      total === 0
        ? '0 failed'
        : `${formatCount(total)} failed (${named}${kinds.length > 3 ? ', …' : ''})`,
  };
}

function time(value: number | null): string {
  return value === null ? missing : formatDuration(value);
}

function where(snapshot: LiveSnapshot): string {
  const parts = [snapshot.arm];
  if (snapshot.armCount > 1) parts.push(`arm ${snapshot.armIndex + 1}/${snapshot.armCount}`);
  if (snapshot.trialCount > 1) parts.push(`trial ${snapshot.trial + 1}/${snapshot.trialCount}`);
  return parts.join(' · ');
}

function timing({ elapsedMs, totalMs, phase }: LiveSnapshot): string {
  const over = phase === 'draining' || phase === 'done';
  if (totalMs === null || over) return formatLong(elapsedMs);
  const left = Math.max(0, totalMs - elapsedMs);
  return `${formatLong(elapsedMs)} of ${formatLong(totalMs)}, ${formatLong(left)} left`;
}

function sessions(snapshot: LiveSnapshot): string {
  const { active, targetActive, intendedRate, waiting, started } = snapshot;
  const parts = [
    targetActive === null || targetActive === 0
      ? `${formatCount(active)} open`
      : `${formatCount(active)} of ${formatCount(targetActive)} open`,
    `${formatCount(started)} started`,
  ];
  if (intendedRate !== null) parts.push(`${formatRate(intendedRate)} intended`);
  if (waiting > 0) parts.push(`${formatCount(waiting)} waiting for a slot`);
  return parts.join(' · ');
}

/** The status in one line, for logs. */
export function plainStatus(snapshot: LiveSnapshot): string {
  const { ttft, itl } = snapshot;
  return [
    `${where(snapshot)}: ${phaseWords[snapshot.phase]}, ${timing(snapshot)}`,
    sessions(snapshot),
    `${formatCount(snapshot.done)} done · ${failedOf(snapshot).text}`,
    `${formatRate(snapshot.tokensPerSecond)} tokens`,
    `ttft p50 ${time(ttft.p50)} p95 ${time(ttft.p95)}`,
    `gap p50 ${time(itl.p50)} p95 ${time(itl.p95)}`,
  ].join(' | ');
}

/** The status as a few lines, none wider than `width`. */
export function statusLines(
  snapshot: LiveSnapshot,
  history: readonly number[],
  width: number,
  style: Style,
): string[] {
  const { ttft, itl } = snapshot;
  const failed = failedOf(snapshot);
  const rows: [label: string, text: string, paint: (text: string) => string][] = [];
  const plain = (text: string): string => text;
  rows.push(['sessions', sessions(snapshot), plain]);
  rows.push([
    'turns',
    `${formatCount(snapshot.done)} done · ${failed.total > 0 ? `${signs.bad} ` : ''}${failed.text}`,
    (text) => (failed.total > 0 ? style.bad(text) : text),
  ]);
  rows.push(['first token', `p50 ${time(ttft.p50)} · p95 ${time(ttft.p95)}`, plain]);
  rows.push(['token gap', `p50 ${time(itl.p50)} · p95 ${time(itl.p95)}`, plain]);
  rows.push([
    'tokens',
    `${formatRate(snapshot.tokensPerSecond)}  ${sparkline(history)}`.trimEnd(),
    plain,
  ]);
  const late = snapshot.eventLoopDelayMs > 20;
  rows.push([
    'event loop',
    `${late ? `${signs.caution} ` : ''}${formatDuration(snapshot.eventLoopDelayMs)} late at p99`,
    (text) => (late ? style.caution(text) : style.dim(text)),
  ]);

  const head = `${where(snapshot)}  ${phaseWords[snapshot.phase]}`;
  const clock = timing(snapshot);
  const room = width - displayWidth(head) - displayWidth(clock) - 4;
  const fraction = snapshot.totalMs === null ? 0 : snapshot.elapsedMs / snapshot.totalMs;
  const bar =
    room >= 8 && snapshot.totalMs !== null ? progressBar(fraction, Math.min(30, room)) : '';
  const first = truncate([head, bar, clock].filter((part) => part !== '').join('  '), width);
  const labelWidth = 15;
  return [
    style.bold(first),
    ...rows.map(([label, text, paint]) => {
      const heading = `  ${label}`.padEnd(labelWidth);
      return (
        style.dim(truncate(heading, width)) +
        paint(truncate(text, Math.max(0, width - labelWidth - 1)))
      );
    }),
  ];
}

const hideCursor = '\u001b[?25l';
const showCursor = '\u001b[?25h';

class InteractiveView implements LiveView {
  private readonly world: Pick<World, 'console' | 'clock'>;
  private readonly style: Style;
  private lastDraw = Number.NEGATIVE_INFINITY;
  private lastKey = '';
  private history: number[] = [];
  /** Cells of each line on the screen, to find the top again after a resize. */
  private drawn: number[] = [];
  private cursorHidden = false;

  constructor(world: Pick<World, 'console' | 'clock'>) {
    this.world = world;
    this.style = styleFor(world.console.color);
    // A crash must not leave the user without a cursor.
    world.console.atExit?.(() => this.stop());
  }

  update(snapshot: LiveSnapshot): void {
    const now = this.world.clock.now() / 1e6;
    if (now - this.lastDraw < redrawEveryMs) return;
    this.lastDraw = now;
    const key = `${snapshot.arm}/${snapshot.trial}`;
    if (key !== this.lastKey) this.history = [];
    this.lastKey = key;
    this.history = [...this.history, snapshot.tokensPerSecond].slice(-historyLength);
    const { columns } = this.world.console;
    // The last column stays free: some terminals wrap as soon as it is written.
    const lines = statusLines(snapshot, this.history, Math.max(10, columns - 1), this.style);
    const hide = this.cursorHidden ? '' : hideCursor;
    this.cursorHidden = true;
    this.write(`${hide}${this.eraseSequence()}${lines.join('\n')}\n`);
    this.drawn = lines.map(displayWidth);
  }

  note(text: string): void {
    const erase = this.eraseSequence();
    this.drawn = [];
    this.write(`${erase}${text}\n`);
    this.lastDraw = Number.NEGATIVE_INFINITY;
  }

  stop(): void {
    if (!this.cursorHidden) return;
    const erase = this.eraseSequence();
    this.drawn = [];
    this.cursorHidden = false;
    this.write(`${erase}${showCursor}`);
  }

  /** Up to the first line drawn, and clear from there. Lines may have been wrapped by a resize. */
  private eraseSequence(): string {
    const columns = Math.max(1, this.world.console.columns);
    const rows = this.drawn.reduce(
      (sum, width) => sum + Math.max(1, Math.ceil(width / columns)),
      0,
    );
    return rows === 0 ? '' : `\r\u001b[${rows}A\u001b[J`;
  }

  private write(text: string): void {
    this.world.console.stderr(text);
  }
}

class PlainView implements LiveView {
  private readonly world: Pick<World, 'console' | 'clock'>;
  private lastLine = Number.NEGATIVE_INFINITY;
  private lastKey = '';

  constructor(world: Pick<World, 'console' | 'clock'>) {
    this.world = world;
  }

  update(snapshot: LiveSnapshot): void {
    const now = this.world.clock.now() / 1e6;
    const key = `${snapshot.arm}/${snapshot.trial}/${snapshot.phase}`;
    if (now - this.lastLine < plainEveryMs && key === this.lastKey) return;
    this.lastLine = now;
    this.lastKey = key;
    this.world.console.stderr(`${plainStatus(snapshot)}\n`);
  }

  note(text: string): void {
    this.world.console.stderr(`${text}\n`);
  }

  stop(): void {
    // Nothing moves here.
  }
}

/** The view that suits the console. */
export function makeLiveView(world: Pick<World, 'console' | 'clock'>): LiveView {
  return world.console.interactive ? new InteractiveView(world) : new PlainView(world);
}
