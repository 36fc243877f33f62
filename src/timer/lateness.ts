/** How far behind its schedule a scheduler ran: actual − due, ms; early counts as 0. */
import * as hdr from 'hdr-histogram-js';

export interface LatenessSummary {
  samples: number;
  p50: number;
  p99: number;
  max: number;
}

export interface Lateness extends LatenessSummary {
  /**
   * The last 5 to 10 seconds alone. A burst of new streams is late for a moment and would otherwise
   * influence the figure forever.
   */
  recent: LatenessSummary;
}

const windowNs = 5e9;

function empty(): hdr.Histogram {
  return hdr.build({
    bitBucketSize: 32,
    autoResize: true,
    lowestDiscernibleValue: 1,
    highestTrackableValue: 1_000_000,
    numberOfSignificantValueDigits: 3,
  });
}

/** Records once per entry; windows are closed lazily, so that it needs no timer. */
export class LatenessRecorder {
  private readonly older = empty();
  private previous = empty();
  private current = empty();
  private windowEndsNs = 0;

  /** @param nowNs - monotonic. @param lateNs - actual − due; below 0 is early. */
  record(nowNs: number, lateNs: number): void {
    if (nowNs > this.windowEndsNs) this.rotate(nowNs);
    const micros = Math.round(lateNs / 1000);
    this.current.recordValue(micros > 0 ? micros : 0);
  }

  summary(nowNs: number): Lateness {
    if (nowNs > this.windowEndsNs) this.rotate(nowNs);
    const recent = empty();
    recent.add(this.previous);
    recent.add(this.current);
    const total = empty();
    total.add(this.older);
    total.add(recent);
    return { ...summarize(total), recent: summarize(recent) };
  }

  private rotate(nowNs: number): void {
    const idle = nowNs > this.windowEndsNs + windowNs;
    this.older.add(this.previous);
    const spare = this.previous;
    spare.reset();
    this.previous = this.current;
    this.current = spare;
    if (idle) {
      // A whole window has passed since: what was in it is not recent either.
      this.older.add(this.previous);
      this.previous.reset();
    }
    this.windowEndsNs = nowNs + windowNs;
  }
}

function summarize(histogram: hdr.Histogram): LatenessSummary {
  const samples = histogram.totalCount;
  if (samples === 0) return { samples, p50: 0, p99: 0, max: 0 };
  return {
    samples,
    p50: histogram.getValueAtPercentile(50) / 1000,
    p99: histogram.getValueAtPercentile(99) / 1000,
    max: histogram.maxValue / 1000,
  };
}
