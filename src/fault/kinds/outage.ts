/**
 * Times in which nothing passes: an on/off process. What is sent while the link is off arrives, all
 * together, when it is on again. This, not random loss, is what a moving phone does to a stream: link
 * layers of LTE retransmit what was lost, and go silent at handovers (Winstein, Sivaraman and
 * Balakrishnan, NSDI 2013, recorded it as traces; for those see `link_trace`).
 */
import { z } from 'zod';
import { sample, type Distribution } from '../../random/distribution.ts';
import type { Rng } from '../../random/rng.ts';
import { defineFault, untouched } from '../definition.ts';
import type { Fault, Pipe, PipeContext } from '../fault.ts';
import { appliesTo, where, type Where } from '../direction.ts';
import { durations, parseDurations } from '../../settings/fields.ts';

export interface OutageOptions {
  /** How long the link stays on, and off, ms. */
  onMs: Distribution;
  offMs: Distribution;
  direction?: Where | undefined;
  /** One link for all connections together, as of one phone; otherwise one for each. */
  shared: boolean;
}

/** Shortest state, ns, so that a distribution with zeros in it cannot stop time. */
const leastNs = 1000;

/** The link's states from its first use on; on at first. Asked with times that never go back. */
class OnOffLink {
  private readonly options: OutageOptions;
  private readonly rng: Rng;
  private offFromNs: number;
  private offUntilNs: number;
  private noticed = false;

  constructor(options: OutageOptions, rng: Rng, startNs: number) {
    this.options = options;
    this.rng = rng;
    this.offFromNs = startNs + this.draw(options.onMs);
    this.offUntilNs = this.offFromNs + this.draw(options.offMs);
  }

  private draw(ms: Distribution): number {
    return Math.max(leastNs, sample(ms, this.rng) * 1e6);
  }

  /** When something sent now passes; and whether it is the first that this outage holds up. */
  passes(nowNs: number): { atNs: number; first: boolean } {
    while (nowNs >= this.offUntilNs) {
      this.offFromNs = this.offUntilNs + this.draw(this.options.onMs);
      this.offUntilNs = this.offFromNs + this.draw(this.options.offMs);
      this.noticed = false;
    }
    if (nowNs < this.offFromNs) return { atNs: nowNs, first: false };
    const first = !this.noticed;
    this.noticed = true;
    return { atNs: this.offUntilNs, first };
  }
}

/** Both directions of a connection go through the same link. `fired` counts outages that held bytes. */
export function outageFault(options: OutageOptions): Fault {
  let fired = 0;
  let sharedLink: OnOffLink | undefined;
  const links = new WeakMap<object, OnOffLink>();

  function linkOf(context: PipeContext): OnOffLink {
    const known = options.shared ? sharedLink : links.get(context.connection);
    if (known) return known;
    const link = new OnOffLink(options, context.rng, context.now());
    if (options.shared) sharedLink = link;
    else links.set(context.connection, link);
    return link;
  }

  return {
    get fired() {
      return fired;
    },
    pipe(context: PipeContext): Pipe {
      const link = linkOf(context);
      if (!appliesTo(context.direction, options.direction)) return untouched(context);
      let waiting = 0;
      function pass(action: () => void): void {
        const now = context.now();
        const { atNs, first } = link.passes(now);
        if (first) fired++;
        // Even when the link is on again, what waits goes first: timers may run late.
        if (atNs <= now && waiting === 0) {
          action();
          return;
        }
        waiting++;
        context.schedule(atNs, () => {
          waiting--;
          action();
        });
      }
      return {
        write: (bytes) => pass(() => context.forward(bytes)),
        end: () => pass(() => context.forwardEnd()),
      };
    },
  };
}

export const outageDefinition = defineFault({
  kind: 'outage',
  place: 50,
  summary: 'times in which nothing passes; then everything that waited arrives together',
  models: 'handovers and dead spots of a mobile link, Wi-Fi roaming',
  keepsBytes: true,
  short: undefined,
  example: '{ on: "exponential(15s)", off: "lognormal(600ms, 0.6)" }',
  schema: z.strictObject({
    kind: z.literal('outage'),
    on: durations(['20ms', 'lognormal(20ms, 0.5)']).describe(
      'how long the link works: a duration or a distribution',
    ),
    off: durations(['20ms', 'lognormal(20ms, 0.5)']).describe(
      'how long nothing passes: a duration or a distribution',
    ),
    per: z
      .enum(['connection', 'relay'])
      .optional()
      .describe('a link for each connection (default), or one that all connections share'),
    direction: where(),
  }),
  make: (spec) =>
    outageFault({
      onMs: parseDurations(spec.on),
      offMs: parseDurations(spec.off),
      direction: spec.direction,
      shared: spec.per === 'relay',
    }),
});
