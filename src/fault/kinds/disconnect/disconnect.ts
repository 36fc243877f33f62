/** Ends a share of connections, or of the answers on them, in a given way at a given moment. */
import { http2ErrorCodes } from '../../../wire/http2-frames.ts';
import { parseBytes, parseDuration, parsePercent } from '../../../settings/units.ts';
import type { EventKindReader } from '../../../wire/event-kind.ts';
import { defineFault } from '../../definition.ts';
import type { CountedMoment } from './connection-moment.ts';
import { blindDisconnect } from './disconnect-blind.ts';
import { disconnectMisfit } from './disconnect-misfit.ts';
import { disconnectSchema, looksInside, type DisconnectSpec } from './disconnect-settings.ts';
import type { Ending, Fault } from '../../fault.ts';
import { InsideConnection } from './inside/inside-connection.ts';
import type { InsideOptions } from './inside/inside-options.ts';
import type { InsideMoment } from './inside/response-watch.ts';

export const disconnectDefinition = defineFault({
  kind: 'disconnect',
  place: 80,
  summary: 'ends a share of connections or answers in a given way at a given moment',
  models: 'crashes, deployments, middlebox timeouts, dead radio links',
  keepsBytes: true,
  short: undefined,
  example: '{ how: rst, after: { tokens: 20 }, of: 10% }',
  schema: disconnectSchema,
  looksInside,
  misfit: disconnectMisfit,
  make(spec, { eventKind }) {
    if (!looksInside(spec)) return blind(spec);
    if (!eventKind) throw new Error('a fault that looks inside needs a reader of events');
    return insideDisconnect(optionsOf(spec, eventKind));
  },
});

function blind(spec: DisconnectSpec): Fault {
  // Before the target's first byte: when no byte of it has passed.
  const moment = countedMoment(spec) ?? ({ kind: 'bytes', bytes: 0 } as const);
  return blindDisconnect({
    // The other ways look inside.
    how: endingOf(spec.how) as Ending,
    moment,
    share: spec.of === undefined ? 1 : parsePercent(spec.of),
    direction: spec.direction ?? (moment.kind === 'idle' ? 'both' : 'down'),
  });
}

/** `fired` counts connections, or streams, ended. */
function insideDisconnect(options: InsideOptions): Fault {
  let fired = 0;
  const connections = new WeakMap<object, InsideConnection>();
  return {
    get fired() {
      return fired;
    },
    pipe(context) {
      let connection = connections.get(context.connection);
      if (!connection) {
        connection = new InsideConnection(options, () => fired++);
        connections.set(context.connection, connection);
      }
      return connection.pipe(context);
    },
  };
}

function optionsOf(spec: DisconnectSpec, eventKind: EventKindReader): InsideOptions {
  const { code, reason = '', after, direction } = spec;
  return {
    how: endingOf(spec.how),
    code:
      typeof code === 'string' ? http2ErrorCodes.indexOf(code) : (code ?? defaultCodeOf(spec.how)),
    reason,
    moment: countedMoment(spec) ?? insideMoment(spec),
    inside: spec.inside,
    share: spec.of === undefined ? 1 : parsePercent(spec.of),
    direction: direction ?? (after?.idle === undefined ? 'down' : 'both'),
    eventKind,
  };
}

function defaultCodeOf(how: DisconnectSpec['how']): number {
  return how === 'h2_reset' ? http2ErrorCodes.indexOf('INTERNAL_ERROR') : 1011;
}

function endingOf<How extends string>(how: How): Exclude<How, 'idle_timeout'> | 'forget' {
  return how === 'idle_timeout' ? 'forget' : (how as Exclude<How, 'idle_timeout'>);
}

function countedMoment({ after }: DisconnectSpec): CountedMoment | undefined {
  if (after?.bytes !== undefined) return { kind: 'bytes', bytes: parseBytes(after.bytes) };
  if (after?.time !== undefined) return { kind: 'time', ms: parseDuration(after.time) };
  if (after?.idle !== undefined) return { kind: 'idle', ms: parseDuration(after.idle) };
  return undefined;
}

function insideMoment({ how, after, before }: DisconnectSpec): InsideMoment {
  if (how === 'no_final_chunk') return { kind: 'final_chunk' };
  if (after?.tokens !== undefined) return { kind: 'tokens', count: after.tokens };
  if (after?.events !== undefined) return { kind: 'events', count: after.events };
  if (after?.event !== undefined) return { kind: 'after_event', name: after.event };
  if (after?.last_token) return { kind: 'last_token' };
  if (typeof before === 'object') return { kind: 'before_event', name: before.event };
  if (before !== undefined && before !== 'first_byte') return { kind: before };
  return { kind: 'anywhere' };
}
