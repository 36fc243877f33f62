/** What the kernel's network is to do to the packets, and the commands that make it do so. */
import type { Distribution } from '../../../random/distribution.ts';

/** Both ways alike, but for the speeds. */
export interface KernelNetwork {
  /** Share of the packets with data that are dropped, each by itself; undefined: no loss asked for. */
  loss: number | undefined;
  /** Added round trip, half of it each way, ms. */
  rttMs: number;
  /** Added to a packet's way, ms. */
  jitter: KernelJitter | undefined;
  /** Bits per second each way; undefined: not limited. */
  downBps: number | undefined;
  upBps: number | undefined;
  /** Bytes that may wait before the line; what comes beyond is dropped, as by a router. */
  queueBytes: number;
}

/** The distributions that netem has. */
export type KernelJitter = Extract<Distribution, { kind: 'constant' | 'uniform' | 'normal' }>;
export const kernelJitterKinds: readonly Distribution['kind'][] = ['constant', 'uniform', 'normal'];

export const addresses = { client: '10.203.7.1', target: '10.203.7.2' } as const;
export const deviceName = 'veth0';

const million = 1_000_000;
/** Rates up to this many times a second need no deeper bucket than two packets. */
const bucketsPerSecond = 1000;
const fullFrameBytes = 1514;

/**
 * Drops a share of the packets that carry data, where the receiver takes them in: a drop on the sender's
 * own way out is reported to TCP as local congestion and is not loss on the wire. Packets without data
 * (acknowledgements, with or without selective blocks, SYN, FIN, RST) pass, as in the model. Their
 * length is that of the headers: 20 bytes of IP and four times TCP's data offset.
 */
export function nftRules(loss: number): string {
  const withData = Array.from({ length: 11 }, (_, index) => {
    const words = 5 + index;
    return `${words} . ${20 + 4 * words + 1}-65535`;
  }).join(', ');
  return `table ip streamgauge {
  counter data { }
  counter lost { }
  chain incoming {
    type filter hook prerouting priority raw; policy accept;
    meta l4proto tcp tcp doff . ip length { ${withData} } jump data_packets
  }
  chain data_packets {
    counter name data
    numgen random mod ${million} < ${Math.round(loss * million)} counter name lost drop
  }
}
`;
}

/** Arguments of `tc` for what leaves by the device; none where nothing is delayed or limited. */
export function tcCommands(network: KernelNetwork, bps: number | undefined): string[][] {
  const commands: string[][] = [];
  const add = (...words: string[]): void => {
    commands.push(['qdisc', 'add', 'dev', deviceName, ...words]);
  };
  const delayed = network.rttMs > 0 || network.jitter !== undefined;
  if (delayed) add('root', 'handle', '1:', 'netem', ...netemWords(network));
  if (bps !== undefined) {
    const bucket = Math.ceil(Math.max(2 * fullFrameBytes, bps / 8 / bucketsPerSecond));
    const limit = Math.max(network.queueBytes, 2 * fullFrameBytes);
    const place = delayed ? ['parent', '1:1'] : ['root'];
    const line = `handle 10: tbf rate ${Math.round(bps)}bit burst ${bucket} limit ${limit}`;
    add(...place, ...line.split(' '));
  }
  return commands;
}

/** netem draws around a middle; its uniform one is what it does where no distribution is named. */
function netemWords({ rttMs, jitter }: KernelNetwork): string[] {
  const oneWayMs = rttMs / 2;
  const ms = (value: number): string => `${Number(value.toFixed(3))}ms`;
  // Packets under way, not a queue: never the limit.
  const words = ['limit', '1000000', 'delay'];
  switch (jitter?.kind) {
    case undefined:
      return [...words, ms(oneWayMs)];
    case 'constant':
      return [...words, ms(oneWayMs + jitter.value)];
    case 'uniform': {
      const { low, high } = jitter;
      return [...words, ms(oneWayMs + (low + high) / 2), ms((high - low) / 2), ...inOrder];
    }
    case 'normal': {
      const { mean, sd } = jitter;
      return [...words, ms(oneWayMs + mean), ms(sd), 'distribution', 'normal', ...inOrder];
    }
  }
}

/** With a rate, netem counts from the packet before and so keeps the order; this one limits nothing. */
const inOrder = ['rate', '100gbit'];

/** Named counters of `nft -j list counters`. */
export function nftCounters(json: string): Record<string, number> {
  const { nftables } = JSON.parse(json) as {
    nftables: { counter?: { name: string; packets: number } }[];
  };
  return Object.fromEntries(
    nftables.flatMap(({ counter }) => (counter ? [[counter.name, counter.packets]] : [])),
  );
}

/** One counter of a kind of queue in `tc -s qdisc show`: packets sent, or held back by the rate. */
export function tcCounter(text: string, kind: 'netem' | 'tbf'): number {
  const section = text.split(/^(?=qdisc )/m).find((part) => part.startsWith(`qdisc ${kind} `));
  const pattern = kind === 'netem' ? /Sent \d+ bytes (\d+) pkt/ : /overlimits (\d+)/;
  return Number(pattern.exec(section ?? '')?.[1] ?? 0);
}

/** Where the kernel counts how often it did something: a counter of nftables, or a kind of queue. */
export type KernelCounter = 'data' | 'lost' | 'netem' | 'tbf';

/** What the network does, each with what makes it and what counts it. */
export function kernelEffects(network: KernelNetwork): { text: string; counter: KernelCounter }[] {
  const { loss, rttMs, jitter, downBps, upBps } = network;
  const effects: { text: string; counter: KernelCounter }[] = [];
  if (downBps !== undefined || upBps !== undefined) {
    const speeds = [
      ...(downBps === undefined ? [] : [`down ${downBps / 1e6} Mbit/s`]),
      ...(upBps === undefined ? [] : [`up ${upBps / 1e6} Mbit/s`]),
    ];
    effects.push({ text: `${speeds.join(', ')} (tbf)`, counter: 'tbf' });
  }
  if (rttMs > 0 || jitter) {
    const { kind, ...numbers } = jitter ?? { kind: '' };
    const added = jitter ? `, jitter ${kind}(${Object.values(numbers).join(', ')} ms)` : '';
    effects.push({ text: `rtt ${rttMs} ms${added} (netem)`, counter: 'netem' });
  }
  if (loss !== undefined) {
    const percent = Number((loss * 100).toFixed(4));
    // Where none is to be lost, that packets came by is all there is to count.
    effects.push({ text: `loss ${percent} % (nftables)`, counter: loss > 0 ? 'lost' : 'data' });
  }
  if (effects.length === 0) effects.push({ text: 'path between two namespaces', counter: 'data' });
  return effects;
}

export function describeEffects(network: KernelNetwork): string {
  return kernelEffects(network)
    .map(({ text }) => text)
    .join(', ');
}
