/**
 * A line of limited speed with a queue before it. Bytes leave at the line's rate; what comes faster
 * waits, and the wait is visible as delay (bufferbloat). Nothing is dropped: when the queue is full the
 * sender is made to stop, which is where TCP's congestion control ends up after its losses.
 */
import { z } from 'zod';
import { parseBitRate, parseBytes } from '../../settings/units.ts';
import { defineFault, untouched } from '../definition.ts';
import type { Fault, Pipe, PipeContext } from '../fault.ts';
import { appliesTo, where, type Direction } from '../direction.ts';
import { bitRate, someBytes } from '../../settings/fields.ts';

export interface BandwidthOptions {
  /** Bits per second each way; undefined leaves that way alone. */
  upBps: number | undefined;
  downBps: number | undefined;
  queueBytes: number;
  /** One line for all connections together, not one for each. */
  shared: boolean;
}

/** When the line is free again. */
interface Line {
  busyUntilNs: number;
}

/** Payload of a full Ethernet segment: the unit in which a slow line delivers. */
const segmentBytes = 1460;
export const defaultQueueBytes = 1024 ** 2;

export function bandwidthFault(options: BandwidthOptions): Fault {
  let fired = 0;
  const sharedLines: Record<Direction, Line> = {
    client_to_target: { busyUntilNs: 0 },
    target_to_client: { busyUntilNs: 0 },
  };
  return {
    get fired() {
      return fired;
    },
    queueBytes: options.queueBytes,
    pipe(context: PipeContext): Pipe {
      const bps = context.direction === 'client_to_target' ? options.upBps : options.downBps;
      if (bps === undefined) return untouched(context);
      const line = options.shared ? sharedLines[context.direction] : { busyUntilNs: 0 };
      const nsPerByte = 8e9 / bps;
      // At most about a thousand pieces a second, however fast the line is.
      const pieceBytes = Math.max(segmentBytes, Math.floor(bps / 8 / 1000));
      let waiting = 0;
      let lastNs = 0;

      function send(piece: Uint8Array): void {
        const now = context.now();
        if (line.busyUntilNs > now) fired++;
        lastNs = Math.max(line.busyUntilNs, now) + piece.length * nsPerByte;
        line.busyUntilNs = lastNs;
        waiting += piece.length;
        context.schedule(lastNs, () => {
          waiting -= piece.length;
          context.forward(piece);
          if (waiting <= options.queueBytes / 2) context.backPressure(false);
        });
      }

      return {
        write(bytes) {
          for (let at = 0; at < bytes.length; at += pieceBytes) {
            send(bytes.subarray(at, at + pieceBytes));
          }
          if (waiting > options.queueBytes) context.backPressure(true);
        },
        end() {
          context.schedule(Math.max(lastNs, context.now()), () => context.forwardEnd());
        },
      };
    },
  };
}

export const bandwidthDefinition = defineFault({
  kind: 'bandwidth',
  place: 30,
  summary: 'a line of limited speed with a queue before it; nothing is dropped',
  models: 'the slowest link of the path and its buffer (bufferbloat)',
  keepsBytes: true,
  short: 'rate',
  example: '{ down: 1.6Mbps, up: 768kbps, queue: 128KiB }',
  schema: z
    .strictObject({
      kind: z.literal('bandwidth'),
      rate: bitRate().optional().describe('speed in each direction it applies to, such as 1.6Mbps'),
      up: bitRate().optional().describe('speed from client to target, where the two differ'),
      down: bitRate().optional().describe('speed from target to client'),
      queue: someBytes()
        .optional()
        .describe(
          'bytes that may wait in each direction before the sender is stopped; default 1MiB',
        ),
      per: z
        .enum(['connection', 'relay'])
        .optional()
        .describe('a line for each connection (default), or one that all connections share'),
      direction: where(),
    })
    .superRefine((spec, context) => {
      const apart = spec.up !== undefined || spec.down !== undefined;
      if (apart === (spec.rate !== undefined)) {
        context.addIssue({
          code: 'custom',
          message: apart ? 'give rate, or up and down, not both' : 'rate, up or down is needed',
        });
      }
      if (apart && spec.direction !== undefined) {
        context.addIssue({
          code: 'custom',
          path: ['direction'],
          message: 'up and down already name a direction; use direction with rate',
        });
      }
    }),
  make(spec) {
    const of = (direction: Direction, own: string | undefined): number | undefined => {
      const text = own ?? (appliesTo(direction, spec.direction) ? spec.rate : undefined);
      return text === undefined ? undefined : parseBitRate(text);
    };
    return bandwidthFault({
      upBps: of('client_to_target', spec.up),
      downBps: of('target_to_client', spec.down),
      queueBytes: spec.queue === undefined ? defaultQueueBytes : parseBytes(spec.queue),
      shared: spec.per === 'relay',
    });
  },
});
