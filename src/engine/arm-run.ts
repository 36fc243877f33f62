/**
 * One arm, one trial: starts sessions as the pacer says, keeps the phases apart, applies timeouts,
 * tells a live view how it goes, and ends gracefully or at once.
 */
import { isSuccess } from '../metric/outcome.ts';
import type { Pacer } from '../load/pacer.ts';
import type { LivePhase } from '../result/live-snapshot.ts';
import { seededRng } from '../random/rng.ts';
import type { ArmPlan } from '../scenario/plan.ts';
import type { Health, StreamSample, TrialResult } from '../result/schema.ts';
import { Session, type SessionShared } from '../session/session.ts';
import type { Scheduled, Scheduler } from '../timer/scheduler.ts';
import { after, every } from '../timer/waiting.ts';
import { isoTime } from '../wall-time.ts';
import type { Clock } from '../world.ts';
import type { Aftermath } from './aftermath.ts';
import { snapshotOf, type ArmSnapshot } from './arm-snapshot.ts';
import { HealthMonitor } from './health.ts';
import { FailureTally } from './failure-tally.ts';
import type { SentTranscripts } from './continuity-tally.ts';
import { Phases, type PhaseName } from './phases.ts';
import type { RunControl } from './run-control.ts';
import { SampleKeeper } from './samples.ts';
import { sessionListener, type ToldOfSessions } from './session-listener.ts';
import { TickRecorder } from './tick-recorder.ts';

export interface ArmRunOptions {
  arm: ArmPlan;
  pacer: Pacer;
  shared: SessionShared;
  /** For the label of when the arm was started. */
  clock: Pick<Clock, 'wall'>;
  /**
   * When sessions start and phases begin: never early, and as exact as can be. All else is on
   * `shared.time`. The two read the same clock.
   */
  pacing: Scheduler;
  control: RunControl;
  /** Finds out what became of turns that were left. */
  aftermath?: Aftermath;
  /** Called a few times a second. */
  onSnapshot: (snapshot: ArmSnapshot) => void;
  /** What the target has really sent, asked for when all streams have ended. */
  sentTranscripts: () => Promise<SentTranscripts>;
  /** Called for every turn where per-stream records are wanted. */
  onStream: ((sample: StreamSample) => void) | undefined;
}

/** What is known when the arm has run; the caller adds what mock and faults say of themselves. */
export type ArmRunResult = Omit<TrialResult, 'trial' | 'mock' | 'faults'>;

const tickMs = 1000;
const sweepMs = 50;
const snapshotMs = 250;
/** Sessions started in one go before sockets get their turn. */
const startsPerSlice = 64;
export class ArmRun {
  private readonly options: ArmRunOptions;
  private readonly phases: Phases;
  private readonly ticks = new TickRecorder();
  private readonly time: Scheduler;
  private readonly pacing: Scheduler;
  private readonly health: HealthMonitor;
  private readonly samples: SampleKeeper;
  private readonly failures = new FailureTally();
  /** Who hears what sessions tell. */
  private readonly told: ToldOfSessions;
  private readonly active = new Set<Session>();
  private readonly waiting: { session: number; intendedAt: number; phase: PhaseName }[] = [];
  private readonly originNs: number;
  private scheduled = 0;
  private started = 0;
  private lastEndedMs = -1;
  private loadOver = false;
  private partial = false;
  private pacerTimer: Scheduled | undefined;
  private pacerAsked = false;
  private tokensPerSecond = 0;
  private finish: (() => void) | undefined;
  private graceTimer: Scheduled | undefined;
  private healthAtEnd: Health | undefined;

  constructor(options: ArmRunOptions) {
    this.options = options;
    this.phases = new Phases(options.arm.load);
    this.time = options.shared.time;
    this.pacing = options.pacing;
    this.health = new HealthMonitor(() => this.time.now());
    this.originNs = this.time.now();
    this.samples = new SampleKeeper(
      seededRng(`${options.shared.seed}/samples/${options.shared.streamPrefix}`),
      this.originNs,
    );
    this.told = {
      ticks: this.ticks,
      live: this.phases.live,
      failures: this.failures,
      samples: this.samples,
      measured: this.phases.recorder('measured'),
      aftermath: options.aftermath,
      groundTruth: options.shared.endpoint.groundTruth,
      originNs: this.originNs,
      onStream: options.onStream,
    };
  }

  async run(): Promise<ArmRunResult> {
    const startedWall = isoTime(this.options.clock.wall());
    const { control } = this.options;
    const { load } = this.options.arm;
    const unsubscribe = control.onChange(() => this.onControl());
    const { time } = this;
    const timers = [
      every(time, tickMs, () => this.closeTick()),
      every(time, sweepMs, () => this.sweep()),
      every(time, snapshotMs, () => this.snapshot()),
      this.atElapsed(load.warmupMs, () => this.beginMeasured()),
      this.atElapsed(load.warmupMs + load.durationMs, () => this.endMeasured()),
    ];
    if (load.warmupMs === 0) this.beginMeasured();
    // A pacer that waits for a session to end cannot say that the time is over.
    const { durationMs } = this.options.pacer;
    if (Number.isFinite(durationMs)) timers.push(this.atElapsed(durationMs, () => this.endLoad()));
    const over = new Promise<void>((resolve) => (this.finish = resolve));
    this.askPacer();
    this.onControl();
    await over;
    this.endMeasured();
    unsubscribe();
    for (const timer of timers) timer.cancel();
    this.pacerTimer?.cancel();
    this.graceTimer?.cancel();
    this.phases.compareTranscripts(await this.options.sentTranscripts());
    const health = this.healthAtEnd!;
    this.health.close();
    this.closeTick();
    await this.options.aftermath?.settle();
    this.snapshot('done');
    return {
      started: startedWall,
      ...this.phases.toResult(this.options.arm.price),
      ticks: this.ticks.ticks,
      failures: this.failures.toResult(),
      samples: this.samples.toResult(),
      health,
      partial: this.partial,
    };
  }

  /** Events of all streams so far. */
  get eventsSoFar(): number {
    return this.phases.live.events;
  }

  // ── starting sessions ─────────────────────────────────────────────────────────────────────────

  private get elapsedMs(): number {
    return (this.time.now() - this.originNs) / 1e6;
  }

  /** Runs `action` when so many ms of the load have passed. */
  private atElapsed(ms: number, action: () => void): Scheduled {
    return this.pacing.at(this.originNs + ms * 1e6, action);
  }

  /** Asks the pacer soon, once, however many things have changed. */
  private askSoon(): void {
    if (this.pacerAsked || this.loadOver) return;
    this.pacerAsked = true;
    this.time.soon(() => {
      this.pacerAsked = false;
      this.askPacer();
    });
  }

  /** @param leastMs - so much has passed at least: what was waited for is not to round to before it. */
  private askPacer(leastMs = 0): void {
    this.pacerTimer?.cancel();
    if (this.loadOver) return;
    for (let started = 0; ;) {
      const elapsedMs = Math.max(leastMs, this.elapsedMs);
      const pace = this.options.pacer.next({
        elapsedMs,
        scheduled: this.scheduled,
        active: this.active.size + this.waiting.length,
        lastEndedMs: this.lastEndedMs,
      });
      if (pace.kind === 'stop') {
        this.endLoad();
        return;
      }
      if (pace.kind === 'wait') {
        if (Number.isFinite(pace.untilMs)) this.askAt(pace.untilMs);
        return;
      }
      this.schedule(pace.atMs);
      if (++started >= startsPerSlice) {
        this.askSoon();
        return;
      }
    }
  }

  private askAt(untilMs: number): void {
    this.pacerTimer = this.atElapsed(untilMs, () => this.askPacer(untilMs));
  }

  private schedule(atMs: number): void {
    const session = this.scheduled++;
    const phase = this.phases.at(atMs);
    const intendedAt = this.originNs + atMs * 1e6;
    const recorder = this.phases.recorder(phase);
    recorder.counts.sessionsScheduled++;
    const { maxConcurrency, maxWaiting } = this.options.arm.load;
    if (maxConcurrency !== undefined && this.active.size >= maxConcurrency) {
      if (maxWaiting !== undefined && this.waiting.length >= maxWaiting) {
        recorder.counts.sessionsDropped++;
        return;
      }
      recorder.counts.sessionsWaited++;
      this.waiting.push({ session, intendedAt, phase });
      return;
    }
    recorder.histogram('queue_wait').record(0);
    recorder.histogram('schedule_lag').record((this.time.now() - intendedAt) / 1e6);
    this.launch(session, intendedAt, phase);
  }

  private launch(number: number, intendedAt: number, phase: PhaseName): void {
    const recorder = this.phases.recorder(phase);
    recorder.counts.sessionsStarted++;
    this.started++;
    this.ticks.sessionStarted();
    const listener = sessionListener(recorder, this.told);
    const session = new Session(this.options.shared, listener, number, intendedAt);
    this.active.add(session);
    void session.run().then((record) => {
      this.active.delete(session);
      recorder.sessionEnded(record);
      if (isSuccess(record.outcome)) this.phases.live.sessionsCompleted++;
      this.lastEndedMs = this.elapsedMs;
      this.startWaiting();
      this.askSoon();
      this.finishIfOver();
    });
  }

  private startWaiting(): void {
    const { maxConcurrency = Number.POSITIVE_INFINITY } = this.options.arm.load;
    while (this.waiting.length > 0 && this.active.size < maxConcurrency) {
      const next = this.waiting.shift()!;
      const waitMs = (this.time.now() - next.intendedAt) / 1e6;
      this.phases.recorder(next.phase).histogram('queue_wait').record(waitMs);
      this.launch(next.session, next.intendedAt, next.phase);
    }
  }

  // ── phases and the end ────────────────────────────────────────────────────────────────────────

  private beginMeasured(): void {
    if (this.phases.beginMeasured()) this.health.restart();
  }

  private endMeasured(): void {
    if (this.phases.endMeasured(this.elapsedMs)) this.healthAtEnd = this.health.read();
  }

  private endLoad(): void {
    if (this.loadOver) return;
    this.loadOver = true;
    this.pacerTimer?.cancel();
    this.dropWaiting();
    this.graceTimer = after(this.time, this.options.arm.load.gracefulStopMs, () =>
      this.stopAll('the graceful stop was over'),
    );
    this.finishIfOver();
  }

  /** Those still waiting for a slot when the load ends were scheduled, and never started. */
  private dropWaiting(): void {
    for (const { phase } of this.waiting) {
      this.phases.recorder(phase).counts.sessionsDropped++;
    }
    this.waiting.length = 0;
  }

  private onControl(): void {
    const { state } = this.options.control;
    if (state === 'running') return;
    if (!this.loadOver) this.partial = true;
    this.endLoad();
    if (state === 'abort') {
      this.partial = true;
      this.stopAll('the run was aborted');
    }
  }

  private stopAll(detail: string): void {
    for (const session of this.active) session.stop('aborted', detail);
  }

  private finishIfOver(): void {
    if (this.loadOver && this.active.size === 0 && this.waiting.length === 0) this.finish?.();
  }

  // ── clocks ────────────────────────────────────────────────────────────────────────────────────

  private sweep(): void {
    const now = this.time.now();
    for (const session of this.active) session.checkTimeouts(now);
  }

  private closeTick(): void {
    const elapsedMs = this.elapsedMs;
    const tick = this.ticks.close(
      elapsedMs / 1000,
      this.active.size,
      this.loadOver ? undefined : this.options.pacer.rateAt(elapsedMs),
    );
    this.tokensPerSecond = tick.tokens / tick.seconds;
  }

  private get phase(): LivePhase {
    if (this.loadOver) return 'draining';
    const phase = this.phases.at(this.elapsedMs);
    return phase === 'measured' ? 'measuring' : phase;
  }

  private snapshot(phase: LivePhase = this.phase): void {
    this.options.onSnapshot(
      snapshotOf({
        phase,
        elapsedMs: this.elapsedMs,
        load: this.options.arm.load,
        pacer: this.options.pacer,
        active: this.active.size,
        waiting: this.waiting.length,
        started: this.started,
        done: this.phases.live.turnsCompleted,
        failures: this.failures,
        ticks: this.ticks,
        tokensPerSecond: this.tokensPerSecond,
        eventLoopDelayMs: this.health.delayP99Ms,
      }),
    );
  }
}
