/** How the measuring process itself fared: event loop, garbage collection, CPU, memory. */
import {
  monitorEventLoopDelay,
  performance,
  PerformanceObserver,
  type EventLoopUtilization,
  type IntervalHistogram,
} from 'node:perf_hooks';
import type { Health } from '../result/schema.ts';

const resolutionMs = 5;

export class HealthMonitor {
  private readonly delay: IntervalHistogram = monitorEventLoopDelay({ resolution: resolutionMs });
  private readonly gc: PerformanceObserver;
  private gcMs = 0;
  private gcLongestMs = 0;
  private cpuFrom = process.cpuUsage();
  private utilizationFrom: EventLoopUtilization = performance.eventLoopUtilization();
  private from: number;
  private readonly now: () => number;

  /** @param now - monotonic ns. */
  constructor(now: () => number) {
    this.now = now;
    this.from = now();
    this.gc = new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) {
        this.gcMs += entry.duration;
        this.gcLongestMs = Math.max(this.gcLongestMs, entry.duration);
      }
    });
    this.gc.observe({ entryTypes: ['gc'] });
    this.delay.enable();
  }

  /** Forgets what was seen so far: the measured phase begins. */
  restart(): void {
    this.delay.reset();
    this.gcMs = 0;
    this.gcLongestMs = 0;
    this.cpuFrom = process.cpuUsage();
    this.utilizationFrom = performance.eventLoopUtilization();
    this.from = this.now();
  }

  /** p99 of the event loop's delay so far, ms. */
  get delayP99Ms(): number {
    return this.delayMs(this.delay.percentile(99));
  }

  read(): Health {
    const cpu = process.cpuUsage(this.cpuFrom);
    const seconds = (this.now() - this.from) / 1e9;
    const utilization = performance.eventLoopUtilization(this.utilizationFrom);
    return {
      event_loop_delay_ms: {
        p50: this.delayMs(this.delay.percentile(50)),
        p99: this.delayP99Ms,
        max: this.delayMs(this.delay.max),
      },
      event_loop_utilization: utilization.utilization,
      cpu: seconds > 0 ? (cpu.user + cpu.system) / 1e6 / seconds : 0,
      gc_ms: this.gcMs,
      gc_longest_ms: this.gcLongestMs,
      rss_mb: process.memoryUsage.rss() / 1e6,
    };
  }

  close(): void {
    this.delay.disable();
    this.gc.disconnect();
  }

  /** The monitor counts from the last timer: its own period is not delay. */
  private delayMs(ns: number): number {
    return this.delay.count === 0 ? 0 : Math.max(0, ns / 1e6 - resolutionMs);
  }
}
