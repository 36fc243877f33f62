/**
 * A link as it was recorded: the file names the milliseconds at which one packet could be delivered
 * (the format of mahimahi's mm-link: one line, one integer, one opportunity of 1500 bytes; the same
 * number on several lines is several opportunities; after its last line the trace begins again).
 * Opportunities that nothing waits for are lost. Bytes are payload: headers are not counted.
 */
import * as path from 'node:path';
import { z } from 'zod';
import { StreamgaugeError, messageOf } from '../../errors.ts';
import { parseBytes, parseDuration } from '../../settings/units.ts';
import { defaultQueueBytes } from './bandwidth.ts';
import { defineFault, untouched, type FaultEnvironment } from '../definition.ts';
import type { Fault, Pipe, PipeContext } from '../fault.ts';
import { appliesTo, where, type Where } from '../direction.ts';
import { duration, someBytes } from '../../settings/fields.ts';

export const opportunityBytes = 1500;

export interface LinkTraceOptions {
  /** Rising, ms; the last one is also the trace's length. */
  opportunitiesMs: readonly number[];
  /** Where in the trace a connection starts, ms; undefined: anywhere, seeded. */
  startMs: number | undefined;
  queueBytes: number;
  direction?: Where | undefined;
}

/** The opportunities from some time on, one after the other, without end. */
class Opportunities {
  private readonly ms: readonly number[];
  private readonly lengthMs: number;
  private readonly originNs: number;
  private round = 0;
  private index = 0;

  /** @param originNs - the time at which the trace's ms 0 is. */
  constructor(ms: readonly number[], originNs: number) {
    this.ms = ms;
    this.lengthMs = ms.at(-1)!;
    this.originNs = originNs;
  }

  /** The first unused opportunity at `atNs` or later, ns. */
  next(atNs: number): number {
    const round = Math.floor((atNs - this.originNs) / 1e6 / this.lengthMs);
    // An opportunity at the very end of a round is also at the next one's start.
    if (round - 1 > this.round) {
      this.round = round - 1;
      this.index = 0;
    }
    while (this.timeNs() < atNs) this.skipTo(atNs);
    return this.timeNs();
  }

  use(): void {
    this.index++;
    if (this.index === this.ms.length) {
      this.index = 0;
      this.round++;
    }
  }

  private timeNs(): number {
    return this.originNs + (this.round * this.lengthMs + this.ms[this.index]!) * 1e6;
  }

  /** To the first of this round that is not too early, else to the next round. */
  private skipTo(atNs: number): void {
    const inRound = (atNs - this.originNs) / 1e6 - this.round * this.lengthMs;
    let low = this.index;
    let high = this.ms.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.ms[middle]! < inRound) low = middle + 1;
      else high = middle;
    }
    // One further at least: rounding must not make this an endless loop.
    this.index = Math.max(low, this.index + 1);
    if (this.index >= this.ms.length) {
      this.index = 0;
      this.round++;
    }
  }
}

/** `fired` counts writes that had to wait for an opportunity. */
export function linkTraceFault(options: LinkTraceOptions): Fault {
  let fired = 0;
  const origins = new WeakMap<object, number>();

  function originOf(context: PipeContext): number {
    const known = origins.get(context.connection);
    if (known !== undefined) return known;
    const startMs = options.startMs ?? context.rng() * options.opportunitiesMs.at(-1)!;
    const originNs = context.now() - startMs * 1e6;
    origins.set(context.connection, originNs);
    return originNs;
  }

  return {
    get fired() {
      return fired;
    },
    queueBytes: options.queueBytes,
    pipe(context: PipeContext): Pipe {
      const originNs = originOf(context);
      if (!appliesTo(context.direction, options.direction)) return untouched(context);
      const opportunities = new Opportunities(options.opportunitiesMs, originNs);
      const queue: Uint8Array[] = [];
      let waiting = 0;
      let armed = false;
      let ended = false;

      function arm(): void {
        if (armed) return;
        armed = true;
        context.schedule(opportunities.next(context.now()), deliver);
      }

      function deliver(): void {
        armed = false;
        opportunities.use();
        let room = opportunityBytes;
        while (room > 0 && queue.length > 0) {
          const bytes = queue[0]!;
          const part = bytes.subarray(0, room);
          if (part.length === bytes.length) queue.shift();
          else queue[0] = bytes.subarray(room);
          room -= part.length;
          waiting -= part.length;
          context.forward(part);
        }
        if (waiting <= options.queueBytes / 2) context.backPressure(false);
        if (queue.length > 0) arm();
        else if (ended) context.forwardEnd();
      }

      return {
        write(bytes) {
          if (bytes.length === 0) return;
          queue.push(bytes);
          waiting += bytes.length;
          if (waiting > options.queueBytes) context.backPressure(true);
          if (opportunities.next(context.now()) > context.now()) fired++;
          arm();
        },
        end() {
          ended = true;
          if (queue.length === 0) context.forwardEnd();
        },
      };
    },
  };
}

/** @throws StreamgaugeError naming the line that is wrong. */
export function readOpportunities(file: string, environment: FaultEnvironment): number[] {
  const full = path.resolve(environment.baseDirectory, file);
  const fail = (message: string, cause?: unknown): StreamgaugeError =>
    new StreamgaugeError(message, {
      code: 'link-trace-invalid',
      exit: 'usage',
      hints: ['one line, one whole number: the ms at which one 1500-byte packet may be delivered'],
      ...(cause === undefined ? {} : { cause }),
    });
  let text: string;
  try {
    text = environment.readText(full);
  } catch (error) {
    throw fail(`cannot read the link trace ${full}: ${messageOf(error)}`, error);
  }
  const times: number[] = [];
  for (const [index, line] of text.split('\n').entries()) {
    const trimmed = line.trim();
    if (trimmed === '') continue;
    const ms = Number(trimmed);
    const at = `${full}:${index + 1}`;
    if (!/^\d+$/.test(trimmed)) throw fail(`${at}: "${trimmed.slice(0, 40)}" is not a time in ms`);
    if (ms < (times.at(-1) ?? 0)) throw fail(`${at}: ${ms} comes after ${times.at(-1)}`);
    times.push(ms);
  }
  if ((times.at(-1) ?? 0) === 0) throw fail(`${full}: no opportunity after 0 ms`);
  return times;
}

export const linkTraceDefinition = defineFault({
  kind: 'link_trace',
  place: 60,
  summary: 'delivers only when a recorded link did',
  models: 'a cellular link as recorded, in the trace format of mahimahi',
  keepsBytes: true,
  short: 'file',
  example: '{ file: lte.down, direction: down }',
  schema: z.strictObject({
    kind: z.literal('link_trace'),
    file: z
      .string()
      .min(1)
      .describe('trace file: each line is a ms at which one 1500-byte packet may be delivered'),
    start: z
      .union([z.literal('random'), duration(['50ms'])])
      .optional()
      .describe('where in the trace a connection starts: random (default, seeded) or a duration'),
    queue: someBytes()
      .optional()
      .describe('bytes that may wait in each direction before the sender is stopped; default 1MiB'),
    direction: where(),
  }),
  make: (spec, environment) =>
    linkTraceFault({
      opportunitiesMs: readOpportunities(spec.file, environment),
      startMs:
        spec.start === undefined || spec.start === 'random' ? undefined : parseDuration(spec.start),
      queueBytes: spec.queue === undefined ? defaultQueueBytes : parseBytes(spec.queue),
      direction: spec.direction,
    }),
});
