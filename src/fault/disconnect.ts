/** Ends a share of connections, in a given way, at a given moment. */
import { z } from 'zod';
import { parseBytes, parseDuration, parsePercent } from '../units.ts';
import type { Scheduled } from '../timer/scheduler.ts';
import { defineFault } from './definition.ts';
import type { Direction, Ending, Fault, Pipe, PipeContext } from './fault.ts';
import { appliesTo, byteCount, duration, percent, someTime, where, type Where } from './fields.ts';

/** When a connection ends. */
export type DisconnectMoment =
  /** Exactly so many bytes have passed. */
  | { kind: 'bytes'; bytes: number }
  /** So long after the first byte, whether data flows or not. */
  | { kind: 'time'; ms: number }
  /** Nothing has passed for so long. */
  | { kind: 'idle'; ms: number }
  /** The target's first byte is there, and is not passed on. */
  | { kind: 'first_byte' };

export interface DisconnectOptions {
  how: Ending;
  moment: DisconnectMoment;
  /** Of connections, 0…1. */
  share: number;
  /** Whose bytes are counted. */
  direction: Where;
}

/** What the two pipes of a connection share. */
interface Watched {
  chosen: boolean;
  done: boolean;
  passed: number;
  lastNs: number;
  openEnds: number;
  timer: Scheduled | undefined;
  contexts: Partial<Record<Direction, PipeContext>>;
}

/** `fired` counts connections ended. */
export function disconnectFault({ how, moment, share, direction }: DisconnectOptions): Fault {
  let fired = 0;
  const connections = new WeakMap<object, Watched>();

  function watch(context: PipeContext): Watched {
    let watched = connections.get(context.connection);
    if (!watched) {
      watched = {
        chosen: context.rng() < share,
        done: false,
        passed: 0,
        lastNs: context.now(),
        openEnds: 0,
        timer: undefined,
        contexts: {},
      };
      connections.set(context.connection, watched);
    }
    watched.contexts[context.direction] = context;
    watched.openEnds++;
    return watched;
  }

  function finish(watched: Watched, context: PipeContext): void {
    if (watched.done) return;
    watched.done = true;
    watched.timer?.cancel();
    fired++;
    context.endConnection(how);
  }

  /** For endings by the clock: the client learns of them behind what the target has sent. */
  function byClock(watched: Watched, context: PipeContext): void {
    finish(watched, watched.contexts.target_to_client ?? context);
  }

  function armIdle(watched: Watched, context: PipeContext, ms: number): void {
    watched.timer = context.schedule(watched.lastNs + ms * 1e6, () => {
      if (context.now() >= watched.lastNs + ms * 1e6) byClock(watched, context);
      else armIdle(watched, context, ms);
    });
  }

  return {
    get fired() {
      return fired;
    },
    pipe(context: PipeContext): Pipe {
      const watched = watch(context);
      const counts = appliesTo(context.direction, direction);
      if (watched.chosen && moment.kind === 'idle' && !watched.timer) {
        armIdle(watched, context, moment.ms);
      }

      function write(bytes: Uint8Array): void {
        if (!watched.chosen || watched.done || !counts || bytes.length === 0) {
          context.forward(bytes);
          return;
        }
        switch (moment.kind) {
          case 'bytes': {
            const room = moment.bytes - watched.passed;
            watched.passed += bytes.length;
            if (bytes.length < room) {
              context.forward(bytes);
              return;
            }
            if (room > 0) context.forward(bytes.subarray(0, room));
            finish(watched, context);
            // The answer goes on where only the client's side was closed.
            if (bytes.length > room) context.forward(bytes.subarray(room));
            return;
          }
          case 'first_byte':
            finish(watched, context);
            context.forward(bytes);
            return;
          case 'time':
            watched.timer ??= context.schedule(context.now() + moment.ms * 1e6, () =>
              byClock(watched, context),
            );
            break;
          case 'idle':
            watched.lastNs = context.now();
        }
        context.forward(bytes);
      }

      return {
        write,
        end() {
          watched.openEnds--;
          if (watched.openEnds === 0) {
            watched.timer?.cancel();
            watched.done = true;
          }
          context.forwardEnd();
        },
      };
    },
  };
}

const moments = ['bytes', 'time', 'idle'] as const;

export const disconnectDefinition = defineFault({
  kind: 'disconnect',
  summary: 'ends a share of connections in a given way at a given moment',
  models: 'crashes, deployments, middlebox timeouts, dead radio links',
  keepsBytes: true,
  short: undefined,
  example: '{ how: rst, after: { bytes: 4KiB }, of: 10% }',
  schema: z
    .strictObject({
      kind: z.literal('disconnect'),
      how: z
        .enum(['fin', 'rst', 'half_close', 'black_hole', 'idle_timeout'])
        .describe(
          'fin: closed properly, both sides; rst: reset, both sides; half_close: FIN to the target only, the answer goes on; black_hole: no FIN, no RST, nothing passes any more; idle_timeout: as a middlebox that forgot the connection: silence, and RST to whoever sends next',
        ),
      after: z
        .strictObject({
          bytes: byteCount().optional().describe('exactly so many bytes have passed'),
          time: duration().optional().describe('so long after the first byte, while data flows'),
          idle: someTime().optional().describe('nothing has passed for so long'),
        })
        .superRefine((after, context) => {
          if (moments.filter((key) => after[key] !== undefined).length !== 1) {
            context.addIssue({
              code: 'custom',
              message: 'exactly one of bytes, time and idle is needed',
            });
          }
        })
        .optional()
        .describe('the moment; or use before'),
      before: z
        .literal('first_byte')
        .optional()
        .describe('first_byte: when the target’s first byte is there, which is not passed on'),
      of: percent().optional().describe('share of connections, seeded; default 100%'),
      direction: where().describe(
        'whose bytes count: up, down or both; default down for bytes and time, both for idle',
      ),
    })
    .superRefine((spec, context) => {
      const issue = (path: string[], message: string): void =>
        context.addIssue({ code: 'custom', path, message });
      if ((spec.after === undefined) === (spec.before === undefined)) {
        issue([], spec.after ? 'give after or before, not both' : 'after or before is needed');
      }
      if (spec.before && spec.direction !== undefined) {
        issue(['direction'], 'before: first_byte is about the target’s bytes; leave direction out');
      }
      if (spec.how === 'idle_timeout' && spec.after?.idle === undefined) {
        issue(['after'], 'idle_timeout needs after: { idle: … }, such as 60s');
      }
    }),
  make: (spec) =>
    disconnectFault({
      how: spec.how === 'idle_timeout' ? 'forget' : spec.how,
      moment: momentOf(spec),
      share: spec.of === undefined ? 1 : parsePercent(spec.of),
      direction: spec.direction ?? (spec.after?.idle === undefined ? 'down' : 'both'),
    }),
});

function momentOf({
  after,
}: {
  after?:
    | { bytes?: string | undefined; time?: string | undefined; idle?: string | undefined }
    | undefined;
}): DisconnectMoment {
  if (after?.bytes !== undefined) return { kind: 'bytes', bytes: parseBytes(after.bytes) };
  if (after?.time !== undefined) return { kind: 'time', ms: parseDuration(after.time) };
  if (after?.idle !== undefined) return { kind: 'idle', ms: parseDuration(after.idle) };
  return { kind: 'first_byte' };
}
