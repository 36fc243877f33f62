/**
 * The `network` of a scenario: a named profile, single properties, or both. It is short for the faults
 * that make it up, so that whatever can be said here can be said in `faults` as well.
 */
import { z } from 'zod';
import { StreamgaugeError } from '../errors.ts';
import { suggest } from '../suggest.ts';
import { bandwidthDefinition } from './bandwidth.ts';
import { duration, durations } from './fields.ts';
import { lossDefinition } from './loss-definition.ts';
import { outageDefinition } from './outage.ts';
import { networkProfileNames, networkProfiles } from './profiles.ts';
import { describeFault, type FaultSpec } from './registry.ts';

const line = bandwidthDefinition.schema.shape;
const loss = lossDefinition.schema.shape;
const outage = outageDefinition.schema.shape;

export const networkSchema = z
  .strictObject({
    profile: z
      .enum(networkProfileNames as [string, ...string[]])
      .optional()
      .describe('A named network; the keys beside it replace parts of it'),
    rtt: duration().optional().describe('Added round-trip time, half of it in each direction'),
    jitter: durations()
      .optional()
      .describe('Added to each packet’s way, never out of order: a duration or a distribution'),
    loss: loss.rate.describe('Packets lost, independently; felt as TCP makes it felt'),
    burst: loss.burst.describe('Bursts of loss instead (Gilbert-Elliott by time)'),
    down: line.down.describe('Speed from target to client, such as 1.6Mbps'),
    up: line.up.describe('Speed from client to target'),
    queue: line.queue.describe('Bytes that may wait before the line, in each direction'),
    outage: z
      .strictObject({ on: outage.on, off: outage.off })
      .optional()
      .describe('Times in which nothing passes'),
  })
  .refine((network) => network.loss === undefined || network.burst === undefined, {
    path: ['burst'],
    error: 'loss and burst exclude each other',
  })
  .describe('The path between client and target');

export type NetworkSettings = z.infer<typeof networkSchema>;

/** What a network is made of, in the order in which bytes meet it; empty where it adds nothing. */
export function networkFaults(network: NetworkSettings): FaultSpec[] {
  const named = network.profile === undefined ? undefined : networkProfiles[network.profile];
  const down = network.down ?? kbps(named?.downKbps);
  const up = network.up ?? kbps(named?.upKbps);
  const queue = network.queue ?? named?.queue;
  const interrupted = network.outage ?? named?.outage;
  const rtt = network.rtt ?? `${named?.rttMs ?? 0}ms`;
  const jitter = network.jitter ?? named?.jitter;
  // One kind of loss replaces the other.
  const rate = network.loss ?? (network.burst ? undefined : named?.loss);
  const burst = network.burst ?? (network.loss === undefined ? named?.burst : undefined);

  const faults: FaultSpec[] = [];
  if (down !== undefined || up !== undefined) {
    faults.push({
      kind: 'bandwidth',
      ...(down === undefined ? {} : { down }),
      ...(up === undefined ? {} : { up }),
      ...(queue === undefined ? {} : { queue }),
    });
  }
  if (interrupted) faults.push({ kind: 'outage', ...interrupted });
  const extra = jitter === undefined ? {} : { jitter };
  if (rate !== undefined) faults.push({ kind: 'loss', rtt, rate, ...extra });
  else if (burst) faults.push({ kind: 'loss', rtt, burst, ...extra });
  else {
    if (!/^0(\.0+)?\D*$/.test(rtt)) faults.push({ kind: 'delay', rtt });
    if (jitter !== undefined) faults.push({ kind: 'jitter', extra: jitter });
  }
  return faults;
}

/** What a profile is made of. @throws StreamgaugeError where there is none of that name. */
export function profileFaults(name: string): FaultSpec[] {
  if (Object.hasOwn(networkProfiles, name)) return networkFaults({ profile: name });
  const meant = suggest(name, networkProfileNames);
  throw new StreamgaugeError(`there is no network profile "${name}"`, {
    code: 'unknown-profile',
    exit: 'usage',
    hints: [
      ...(meant === undefined ? [] : [`did you mean "${meant}"?`]),
      `known: ${networkProfileNames.join(', ')}`,
    ],
  });
}

function kbps(speed: number | undefined): string | undefined {
  return speed === undefined ? undefined : `${speed}kbps`;
}

/** For headings: `profile wifi-good: delay …, jitter …`. */
export function describeNetwork(network: NetworkSettings): string {
  const parts = networkFaults(network).map(describeFault).join(', ') || 'direct';
  return network.profile === undefined ? parts : `${network.profile} (${parts})`;
}
