/**
 * The `network` of a scenario: a named profile, single properties, or both. It is short for the faults
 * that make it up, so that whatever can be said here can be said in `faults` as well.
 */
import { z } from 'zod';
import { StreamgaugeError } from '../../errors.ts';
import { meantHints } from '../../settings/did-you-mean.ts';
import { parseBitRate, parseBytes, parseDuration, parsePercent } from '../../settings/units.ts';
import { bandwidthDefinition, defaultQueueBytes } from '../kinds/bandwidth.ts';
import { duration, durations, parseDurations } from '../../settings/fields.ts';
import { describeEffects, kernelJitterKinds, type KernelNetwork } from './kernel/settings.ts';
import type { KernelSupport } from './kernel/support.ts';
import { lossDefinition } from '../kinds/loss/loss-definition.ts';
import { outageDefinition } from '../kinds/outage.ts';
import { networkProfileNames, networkProfiles } from './profiles.ts';
import { describeFault, type FaultSpec } from '../registry.ts';

const line = bandwidthDefinition.schema.shape;
const loss = lossDefinition.schema.shape;
const outage = outageDefinition.schema.shape;

export const networkSchema = z
  .strictObject({
    profile: z
      .enum(networkProfileNames as [string, ...string[]])
      .optional()
      .describe('A named network; the keys next to it replace parts of it'),
    driver: z
      .enum(['model', 'kernel'])
      .optional()
      .describe(
        'What makes it: `model`, seeded, everywhere; or `kernel`: two network namespaces and this machine’s TCP, as root on Linux. Default model',
      ),
    rtt: duration(['50ms'])
      .optional()
      .describe('Added round-trip time, half of it in each direction'),
    jitter: durations(['20ms', 'lognormal(20ms, 0.5)'])
      .optional()
      .describe('Added to each packet’s way, never out of order: a duration or a distribution'),
    loss: loss.rate.describe('Packets lost, independently; felt as TCP makes it felt'),
    burst: loss.burst.describe('Bursts of loss instead (Gilbert-Elliott by time)'),
    repair: loss.repair,
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

/** The properties of a network, a profile's where none is given; text as users write it. */
function propertiesOf(network: NetworkSettings) {
  const named = network.profile === undefined ? undefined : networkProfiles[network.profile];
  return {
    down: network.down ?? kbps(named?.downKbps),
    up: network.up ?? kbps(named?.upKbps),
    queue: network.queue ?? named?.queue,
    outage: network.outage ?? named?.outage,
    rtt: network.rtt ?? `${named?.rttMs ?? 0}ms`,
    jitter: network.jitter ?? named?.jitter,
    // One kind of loss replaces the other.
    rate: network.loss ?? (network.burst ? undefined : named?.loss),
    burst: network.burst ?? (network.loss === undefined ? named?.burst : undefined),
  };
}

/** What a modelled network is made of, in the order in which bytes meet it; empty where it adds nothing. */
export function networkFaults(network: NetworkSettings): FaultSpec[] {
  const { down, up, queue, outage, rtt, jitter, rate, burst } = propertiesOf(network);
  const faults: FaultSpec[] = [];
  if (down !== undefined || up !== undefined) {
    faults.push({
      kind: 'bandwidth',
      ...(down === undefined ? {} : { down }),
      ...(up === undefined ? {} : { up }),
      ...(queue === undefined ? {} : { queue }),
    });
  }
  if (outage) faults.push({ kind: 'outage', ...outage });
  const extra = {
    ...(jitter === undefined ? {} : { jitter }),
    ...(network.repair === undefined ? {} : { repair: network.repair }),
  };
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
  throw new StreamgaugeError(`there is no network profile "${name}"`, {
    code: 'unknown-profile',
    exit: 'usage',
    hints: [...meantHints(name, networkProfileNames), `known: ${networkProfileNames.join(', ')}`],
  });
}

function kbps(speed: number | undefined): string | undefined {
  return speed === undefined ? undefined : `${speed}kbps`;
}

/** For headings: `wifi-good (delay …, jitter …)`; with its driver where one was chosen. */
export function describeNetwork(network: NetworkSettings): string {
  const { driver, profile } = network;
  const parts =
    driver === 'kernel'
      ? describeEffects(kernelNetwork(network))
      : networkFaults(network).map(describeFault).join(', ') || 'direct';
  const named = profile === undefined ? parts : `${profile} (${parts})`;
  return driver === undefined ? named : `${driver}: ${named}`;
}

/** The same properties for the kernel. What it has no means for must have been refused before. */
export function kernelNetwork(network: NetworkSettings): KernelNetwork {
  const { down, up, queue, rtt, jitter, rate } = propertiesOf(network);
  return {
    loss: rate === undefined ? undefined : parsePercent(rate),
    rttMs: parseDuration(rtt),
    jitter: jitter === undefined ? undefined : (parseDurations(jitter) as KernelNetwork['jitter']),
    downBps: down === undefined ? undefined : parseBitRate(down),
    upBps: up === undefined ? undefined : parseBitRate(up),
    queueBytes: queue === undefined ? defaultQueueBytes : parseBytes(queue),
  };
}

/** What does not go together; asked of the whole network, after an arm's keys were laid over the defaults. */
export function networkProblems(network: NetworkSettings): NetworkProblem[] {
  const { rate, burst } = propertiesOf(network);
  if (network.repair === undefined || rate !== undefined || burst) return [];
  const message = 'repair says how losses are repaired, and nothing is lost in this network';
  return [{ key: 'repair', message, hints: ['add loss: 2% or burst: { good: 3s, bad: 60ms }'] }];
}

export interface NetworkProblem {
  key: 'driver' | 'profile' | Exclude<keyof NetworkSettings, 'driver' | 'profile'>;
  message: string;
  hints: string[];
}

/** Why `driver: kernel` cannot make this network on this machine; empty where it can. */
export function kernelProblems(
  network: NetworkSettings,
  support: () => KernelSupport,
): NetworkProblem[] {
  const { missing, netem, tbf } = support();
  if (missing) {
    const message = `driver: kernel cannot be used: ${missing.reason}`;
    return [{ key: 'driver', message, hints: [missing.hint] }];
  }
  const properties = propertiesOf(network);
  const problems: NetworkProblem[] = [];
  const refuse = (key: Exclude<NetworkProblem['key'], 'driver'>, reason: string): void => {
    // A profile's part is named at the profile.
    const own = network[key] !== undefined;
    problems.push({
      key: own ? key : 'profile',
      message: `driver: kernel has no ${key} ${own ? '' : `(part of ${network.profile}) `}here: ${reason}`,
      hints: ['use driver: model, or leave it out'],
    });
  };
  const noNetem = 'it needs the kernel’s netem (module sch_netem), which this one has not';
  if (parseDuration(properties.rtt) > 0 && !netem) refuse('rtt', noNetem);
  if (properties.jitter !== undefined) {
    const { kind } = parseDurations(properties.jitter);
    if (!netem) refuse('jitter', noNetem);
    else if (!kernelJitterKinds.includes(kind)) {
      refuse('jitter', `netem knows ${kernelJitterKinds.join(', ')}, not ${kind}`);
    }
  }
  for (const key of ['down', 'up'] as const) {
    if (properties[key] !== undefined && !tbf) {
      refuse(key, 'it needs the kernel’s tbf (module sch_tbf), which this one has not');
    }
  }
  if (network.repair !== undefined && network.repair !== 'tcp') {
    refuse('repair', `its TCP does not ${network.repair}`);
  }
  if (properties.burst) {
    refuse('burst', 'netem’s bursts go by packets, and stand still while a stalled stream waits');
  }
  if (properties.outage) {
    refuse(
      'outage',
      'a link that is off holds packets until it is on, and the kernel would lose them',
    );
  }
  return problems;
}
