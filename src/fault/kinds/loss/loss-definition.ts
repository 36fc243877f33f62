/** The settings of packet loss; the model itself is in loss.ts. */
import { z } from 'zod';
import { parseBytes, parseDuration, parsePercent } from '../../../settings/units.ts';
import { repairs } from './datagram/repair.ts';
import { defineFault, untouched } from '../../definition.ts';
import type { Fault } from '../../fault.ts';
import { appliesTo, where, type Where } from '../../direction.ts';
import {
  duration,
  durations,
  exactlyOneOf,
  parseDurations,
  percent,
  someBytes,
  someTime,
} from '../../../settings/fields.ts';
import { lossFault, type LossProcessOptions } from './loss.ts';

const burst = z.strictObject({
  good: someTime(['2s']).describe('mean time without a burst'),
  bad: someTime(['2s']).describe('mean time of a burst'),
  loss_good: percent().optional().describe('packets lost outside bursts; default 0%'),
  loss_bad: percent().optional().describe('packets lost in a burst; default 100%'),
});

export const lossDefinition = defineFault({
  kind: 'loss',
  place: 40,
  summary: 'packet loss as TCP makes it felt: a stall, then a burst; no byte is lost',
  models:
    'lost packets under a modern TCP sender (RACK, TLP, PRR, RTO); includes the delay of its round trip',
  keepsBytes: true,
  short: undefined,
  example: '{ rate: 2%, rtt: 50ms }',
  schema: z
    .strictObject({
      kind: z.literal('loss'),
      rtt: duration(['50ms']).describe(
        'round trip of the path; half of it is added in each direction',
      ),
      rate: percent().optional().describe('share of packets lost, independently'),
      burst: burst
        .optional()
        .describe('bursts of loss instead (Gilbert-Elliott by time): mean times and shares'),
      ack_loss: percent().optional().describe('share of acknowledgements lost; default 0%'),
      jitter: durations(['20ms', 'lognormal(20ms, 0.5)'])
        .optional()
        .describe('added to each packet’s way, never out of order: a duration or a distribution'),
      mss: someBytes().optional().describe('largest segment; default 1448B'),
      initial_window: z
        .int()
        .positive()
        .optional()
        .describe('packets that may leave before the first acknowledgement; default 10'),
      repair: z
        .enum(repairs)
        .optional()
        .describe(
          'how losses are repaired: tcp (default), or, which no TCP does, duplicate (every packet twice) or piggyback (every packet carries all that is unacknowledged)',
        ),
      direction: where(),
    })
    .superRefine(exactlyOneOf('rate', 'burst'))
    .superRefine(({ repair, initial_window }, context) => {
      if (initial_window === undefined || repair === undefined || repair === 'tcp') return;
      context.addIssue({
        code: 'custom',
        path: ['initial_window'],
        message: `repair: ${repair} has no window; leave initial_window out`,
      });
    }),
  make(spec) {
    const fault = lossFault({
      rttMs: parseDuration(spec.rtt),
      process: processOf(spec),
      ...(spec.ack_loss === undefined
        ? {}
        : { ackLoss: { kind: 'bernoulli', p: parsePercent(spec.ack_loss) } }),
      ...(spec.jitter === undefined ? {} : { jitter: parseDurations(spec.jitter) }),
      ...(spec.mss === undefined ? {} : { mss: parseBytes(spec.mss) }),
      ...(spec.repair === undefined ? {} : { repair: spec.repair }),
      ...(spec.initial_window === undefined ? {} : { initialWindow: spec.initial_window }),
    });
    return oneWay(fault, parseDuration(spec.rtt), spec.direction ?? 'both');
  },
});

function processOf(spec: {
  rate?: string | undefined;
  burst?: z.infer<typeof burst> | undefined;
}): LossProcessOptions {
  if (!spec.burst) return { kind: 'bernoulli', p: parsePercent(spec.rate!) };
  const { good, bad, loss_good, loss_bad } = spec.burst;
  return {
    kind: 'gilbert_elliott',
    goodMs: parseDuration(good),
    badMs: parseDuration(bad),
    ...(loss_good === undefined ? {} : { lossGood: parsePercent(loss_good) }),
    ...(loss_bad === undefined ? {} : { lossBad: parsePercent(loss_bad) }),
  };
}

/** The model knows nothing of directions, nor of what it adds to a handshake. */
function oneWay(fault: Fault, rttMs: number, direction: Where): Fault {
  return {
    get fired() {
      return fault.fired;
    },
    traffic: fault.traffic,
    roundTripMs: direction === 'both' ? rttMs : rttMs / 2,
    pipe: (context) =>
      appliesTo(context.direction, direction) ? fault.pipe(context) : untouched(context),
  };
}
