/** The time series of a trial: one row per interval, from counters and two small histograms. */
import { MetricHistogram } from '../metric/histogram.ts';
import type { Tick } from '../result/schema.ts';

const recentTicks = 4;

export class TickRecorder {
  readonly ticks: Tick[] = [];
  private readonly ttft = new MetricHistogram('ttft');
  private readonly itl = new MetricHistogram('itl');
  private started = 0;
  private completed = 0;
  private failed = 0;
  private tokens = 0;
  private from = 0;
  /** What the last closed intervals held: "recent" for a live view. */
  readonly recent = { ttft: new MetricHistogram('ttft'), itl: new MetricHistogram('itl') };

  sessionStarted(): void {
    this.started++;
  }

  turnEnded(success: boolean): void {
    if (success) this.completed++;
    else this.failed++;
  }

  firstToken(ttftMs: number): void {
    this.ttft.record(ttftMs);
  }

  gap(gapMs: number): void {
    this.itl.record(gapMs);
  }

  token(): void {
    this.tokens++;
  }

  /** Closes the interval. @param atSeconds - since the load began. */
  close(atSeconds: number, active: number, intendedRate: number | undefined): Tick {
    const tick: Tick = {
      at: this.from,
      seconds: Math.max(1e-3, atSeconds - this.from),
      intended_rate: intendedRate ?? null,
      started: this.started,
      completed: this.completed,
      failed: this.failed,
      active,
      tokens: this.tokens,
      ttft_p50: percentileOrNull(this.ttft, 50),
      ttft_p95: percentileOrNull(this.ttft, 95),
      itl_p50: percentileOrNull(this.itl, 50),
      itl_p95: percentileOrNull(this.itl, 95),
    };
    this.ticks.push(tick);
    // Long enough for a p95, short enough to follow a change.
    if (this.ticks.length % recentTicks === 1) {
      this.recent.ttft.reset();
      this.recent.itl.reset();
    }
    this.recent.ttft.add(this.ttft);
    this.recent.itl.add(this.itl);
    this.ttft.reset();
    this.itl.reset();
    this.started = 0;
    this.completed = 0;
    this.failed = 0;
    this.tokens = 0;
    this.from = atSeconds;
    return tick;
  }
}

function percentileOrNull(histogram: MetricHistogram, percent: number): number | null {
  return histogram.count === 0 ? null : histogram.percentile(percent);
}
