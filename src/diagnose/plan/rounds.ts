/**
 * Which probes, in which order. Each round tries the request as asked and every toggle once, in an order
 * drawn from the seed, so that a target that gets slower or faster meanwhile does not favour one of them.
 */
import { seededRng, type Rng } from '../../random/rng.ts';
import { takesTiming } from '../analyse/shape.ts';
import { median } from '../analyse/statistics.ts';
import { cutOf } from '../judge/cut.ts';
import { ProbeResults } from '../judge/probe-results.ts';
import { unusableBy } from '../judge/usable.ts';
import { encodingOf, type Observation } from '../observe/observation.ts';
import type { Progress } from '../probe/probe.ts';
import type { Prober, ProbeTime } from './prober.ts';
import {
  heartbeatProbe,
  plainProbe,
  silenceProbes,
  togglesFor,
  type ProbePlan,
  type Toggle,
} from './toggles.ts';

export interface RoundOptions {
  budgetMs: number;
  repeat: number;
  seed: string | number;
  hasDirect: boolean;
  otherMethods: readonly string[];
}

/** The longest that one toggle may take, ms. */
const longestToggleMs = 15_000;
/** Share of the budget for the first request, and for the search of the idle limit. */
const firstShare = 0.4;
const silenceShare = 0.33;

/** @returns whether all that was meant to be probed was. */
export async function runRounds(prober: Prober, options: RoundOptions): Promise<boolean> {
  const rng = seededRng(`${options.seed}/diagnose`);
  const first = await prober.first(plainProbe('url', 0), {
    maxMs: options.budgetMs * firstShare,
    enough: enough({ events: 200, ms: 12_000, bursts: 8 }),
  });
  if (prober.aborted) return false;
  // A gateway's time-out is an answer; what else is not a stream needs no toggles.
  if (unusableBy(first) && !cutOf([first])) return true;

  const toggles = togglesFor({
    first,
    events: first.events.length,
    eventBytes: median(first.events.map((event) => event.size)) || 100,
    takesTiming: takesTiming(first),
    compressed: encodingOf(first) !== '',
    hasDirect: options.hasDirect,
    otherMethods: options.otherMethods,
    secure: prober.target.protocol === 'https:',
  });
  const rounds = new Rounds(prober, options, first, rng);
  const whole = await rounds.run(toggles);
  // Silence through a buffer would only show the buffer again.
  const smooth = new ProbeResults(prober.observations).hold('as asked')?.kind === 'none';
  if (smooth && takesTiming(first) && !prober.aborted && !prober.refused) {
    await silence(prober, options);
  }
  return whole && !prober.aborted;
}

class Rounds {
  private readonly prober: Prober;
  private readonly options: RoundOptions;
  private readonly rng: Rng;
  /** What a probe takes, ms: as long as the first, or until it is enough. */
  private readonly usualMs: number;
  /** Toggles that cannot be had here. */
  private readonly absent = new Set<string>();
  private skipped = new Set<string>();

  constructor(prober: Prober, options: RoundOptions, first: Observation, rng: Rng) {
    this.prober = prober;
    this.options = options;
    this.rng = rng;
    this.usualMs = Math.max(300, first.endedMs ?? 3000);
  }

  async run(toggles: readonly Toggle[]): Promise<boolean> {
    const { prober, options } = this;
    const reuse = toggles.find((toggle) => toggle.plan(0).reuse);
    const rest = toggles.filter((toggle) => toggle !== reuse);
    for (let repeat = 0; repeat < options.repeat && !this.over; repeat++) {
      const steps: { weight: number; run(): Promise<void> }[] = rest.map((toggle) => ({
        weight: toggle.weight,
        run: () => this.toggle(toggle.plan(repeat)),
      }));
      if (repeat === 0) await this.reused(reuse, repeat);
      else {
        steps.push({
          weight: 20,
          run: async () => {
            await this.toggle(plainProbe('url', repeat));
            await this.reused(reuse, repeat);
          },
        });
      }
      // What decides most is not left out where time is short; the order is drawn anyway.
      const affordable = Math.max(1, Math.floor(prober.leftMs / this.usualMs));
      const chosen = steps.toSorted((a, b) => b.weight - a.weight).slice(0, affordable);
      for (const step of this.shuffled(chosen)) {
        if (this.over) break;
        await step.run();
      }
      if (chosen.length < steps.length) this.skipped.add('time');
    }
    if (this.skipped.has('time')) {
      prober.notes.push('the budget did not allow every probe: a larger --budget makes it surer');
    }
    if (prober.refused) {
      prober.notes.push(
        'the target began to refuse requests (429); judged by what was seen before',
      );
    }
    return this.skipped.size === 0 && !this.over;
  }

  /** Whether nothing more is to be asked. */
  private get over(): boolean {
    return this.prober.aborted || this.prober.refused;
  }

  private async toggle(plan: ProbePlan): Promise<void> {
    const key = `${plan.path} ${plan.probe}`;
    if (this.absent.has(key)) return;
    if (this.prober.leftMs < Math.min(1500, this.usualMs)) {
      this.skipped.add('time');
      return;
    }
    const observation = await this.prober.run(plan, this.time(plan));
    if (plan.probe === 'HTTP/2' && observation.status === null) {
      this.absent.add(key);
      this.prober.notes.push(`HTTP/2 was not compared: ${observation.detail}`);
    }
    const useless = plan.path === 'direct' ? unusableBy(observation) : undefined;
    if (useless && !this.prober.aborted) {
      this.absent.add(key);
      this.prober.notes.push(`nothing to compare with, the direct URL: ${useless.summary}`);
    }
  }

  private async reused(toggle: Toggle | undefined, repeat: number): Promise<void> {
    if (!toggle || !this.prober.hasKept || this.prober.aborted) return;
    await this.toggle(toggle.plan(repeat));
  }

  private time(plan: ProbePlan): ProbeTime {
    const slower = plan.probe === 'interval × 4' ? 4 : 1;
    // As asked it is heard to its end: the end tells, and the connection is used again.
    const whole = plan.probe === 'as asked' && plan.path === 'url';
    return {
      maxMs: Math.min(
        Math.max(longestToggleMs, this.options.budgetMs / 6),
        (this.usualMs * 1.5 + 2000) * slower,
      ),
      enough: whole
        ? enough({ events: 200, ms: 8000, bursts: 8 })
        : enough({ events: 40 / slower + 10, ms: 1000, bursts: 7 }),
    };
  }

  private shuffled<T>(items: readonly T[]): T[] {
    const order = [...items];
    for (let at = order.length - 1; at > 0; at--) {
      const other = Math.floor(this.rng() * (at + 1));
      [order[at], order[other]] = [order[other]!, order[at]!];
    }
    return order;
  }
}

/** A test for running probes: so many events and bursts, over so long a time from the first event. */
function enough(least: { events: number; ms: number; bursts: number }) {
  let nextLook = 0;
  return ({ at, events, reads }: Progress): boolean => {
    if (at < nextLook || events.length < least.events) return false;
    nextLook = at + 100;
    if (at - events[0]!.at < least.ms) return false;
    let bursts = 1;
    for (let read = 1; read < reads.length; read++) {
      if (reads[read]!.at - reads[read - 1]!.at > 5) bursts += 1;
    }
    return bursts >= least.bursts;
  };
}

/** Looks for the time after which a silent stream is cut: all silences at the same time. */
async function silence(prober: Prober, options: RoundOptions): Promise<void> {
  const leftMs = Math.min(prober.leftMs, options.budgetMs * silenceShare);
  const plans = silenceProbes(leftMs);
  if (plans.length === 0) return;
  const made = await Promise.all(plans.map((plan) => prober.run(plan, { maxMs: leftMs })));
  if (prober.aborted) return;
  const cut = cutOf(made.filter(({ probe }) => probe === 'silence'));
  if (cut?.how === 'idle' && prober.leftMs > cut.limitMs * 1.5 + 1500) {
    await prober.run(heartbeatProbe(cut.limitMs, 0), { maxMs: prober.leftMs });
    return;
  }
  const survived = made.filter(({ probe, end }) => probe === 'silence' && end === 'complete');
  const longest = Math.max(0, ...survived.map(({ repeat }) => repeat));
  const words = plans.find(({ probe, repeat }) => probe === 'silence' && repeat === longest);
  if (!cut && survived.length > 0 && words) {
    prober.notes.push(`${words.toggles[0]} is survived; a larger --budget tries longer ones`);
  }
}
