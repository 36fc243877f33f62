/**
 * Named networks. The published ones keep their publisher's numbers and name; browsers' presets know no
 * loss and no jitter, so they say nothing about stalls of a running stream. For those, the others.
 */

export interface NetworkProfile {
  /** Where the numbers come from. */
  source: string;
  /** Undefined: not limited. */
  downKbps?: number;
  upKbps?: number;
  rttMs: number;
  /** Added in each direction, as a distribution. */
  jitter?: string;
  /** Share of packets lost. */
  loss?: string;
  /** Bursts of loss, by time. */
  burst?: { good: string; bad: string; loss_good?: string; loss_bad?: string };
  /** Times in which nothing passes. */
  outage?: { on: string; off: string };
  /** Of the queue before the line. */
  queue?: string;
}

const devtools =
  'Chrome DevTools, as in puppeteer’s PredefinedNetworkConditions; round trip without the multiplier that DevTools needs because it delays requests, not packets';
const lighthouse = 'Lighthouse, core/config/constants.js';
const webpagetest = 'WebPageTest, www/settings/connectivity.ini.sample';
const firefox = 'Firefox developer documentation, Network Monitor throttling';
const comcast =
  'comcast (github.com/tylertreat/comcast), README; latency on the way out, so added once to the round trip';
const sitespeed = 'sitespeed.io throttle (github.com/sitespeedio/throttle), README';
const traces =
  'stall rates matched to the cellular traces of the Saturator (Winstein et al., NSDI 2013) as shipped with mahimahi';

type Row = [down: number | undefined, up: number | undefined, rtt: number, loss?: string];

function table(source: string, prefix: string, rows: Record<string, Row>) {
  return Object.fromEntries(
    Object.entries(rows).map(([name, [downKbps, upKbps, rttMs, loss]]) => [
      `${prefix}-${name}`,
      {
        source,
        rttMs,
        ...(downKbps === undefined ? {} : { downKbps }),
        ...(upKbps === undefined ? {} : { upKbps }),
        ...(loss === undefined ? {} : { loss }),
      } satisfies NetworkProfile,
    ]),
  );
}

/** By name, in the order in which documentation lists them. */
export const networkProfiles: Readonly<Record<string, NetworkProfile>> = {
  'same-region': {
    source: 'typical of two zones of one cloud region; an estimate',
    downKbps: 1_000_000,
    upKbps: 1_000_000,
    rttMs: 1,
    jitter: 'exponential(0.1ms)',
  },
  office: {
    source: 'typical of a wired office 500 km from the data centre; an estimate',
    downKbps: 200_000,
    upKbps: 100_000,
    rttMs: 15,
    jitter: 'exponential(0.5ms)',
  },
  'cross-continent': {
    source: 'typical of Europe to the west coast of North America; an estimate',
    downKbps: 100_000,
    upKbps: 50_000,
    rttMs: 150,
    jitter: 'exponential(1ms)',
    loss: '0.05%',
  },
  'wifi-good': {
    source: 'typical of a quiet home network; the link layer repeats what is lost; an estimate',
    downKbps: 50_000,
    upKbps: 20_000,
    rttMs: 20,
    jitter: 'lognormal(1.5ms, 0.8)',
  },
  'wifi-congested': {
    source: 'typical of a crowded channel: bursts of loss by time, a deep queue; an estimate',
    downKbps: 8000,
    upKbps: 4000,
    rttMs: 30,
    jitter: 'gamma(12ms, 1.2)',
    burst: { good: '3s', bad: '60ms', loss_good: '0.2%', loss_bad: '40%' },
    queue: '512KiB',
  },
  'lte-driving': {
    source: `${traces}: LTE in a car has outages, not loss: 7 to 40 stalls over 100 ms a minute, 0.4 to 4 over 500 ms, up to 1.1 over 1 s`,
    downKbps: 5000,
    upKbps: 2000,
    rttMs: 60,
    jitter: 'exponential(4ms)',
    outage: { on: 'exponential(2.5s)', off: 'lognormal(200ms, 0.8)' },
  },
  'umts-driving': {
    source: `${traces}: UMTS in a car: 8 stalls over 100 ms a minute, 3 over 500 ms, 1.5 over 1 s`,
    downKbps: 2000,
    upKbps: 900,
    rttMs: 120,
    jitter: 'exponential(8ms)',
    outage: { on: 'exponential(6.5s)', off: 'lognormal(370ms, 1.05)' },
  },
  '3g': {
    source: `${webpagetest} (its 3G), with jitter added`,
    downKbps: 1600,
    upKbps: 768,
    rttMs: 300,
    jitter: 'exponential(8ms)',
  },
  'satellite-geo': {
    source:
      'four times 35,786 km at the speed of light is 477 ms; with processing about 600 ms; rates and loss an estimate',
    downKbps: 25_000,
    upKbps: 3000,
    rttMs: 600,
    jitter: 'exponential(5ms)',
    loss: '0.2%',
    queue: '2MiB',
  },
  'satellite-leo': {
    source: 'low orbit, with a handover every 15 s; an estimate',
    downKbps: 100_000,
    upKbps: 15_000,
    rttMs: 40,
    jitter: 'lognormal(3ms, 0.7)',
    outage: { on: '15s', off: 'uniform(20ms, 120ms)' },
  },
  ...table(devtools, 'devtools', {
    'slow-3g': [400, 400, 400],
    'fast-3g': [1440, 675, 150],
    'slow-4g': [1440, 675, 150],
    'fast-4g': [8100, 1350, 60],
  }),
  ...table(lighthouse, 'lighthouse', {
    'slow-4g': [1600, 750, 150],
    'regular-3g': [700, 700, 300],
    'desktop-4g': [10_000, 10_000, 40],
  }),
  ...table(webpagetest, 'webpagetest', {
    cable: [5000, 1000, 28],
    dsl: [1500, 384, 50],
    fios: [20_000, 5000, 4],
    '3g': [1600, 768, 300],
    '3g-fast': [1600, 768, 150],
    '3g-slow': [780, 330, 200],
    edge: [240, 200, 840],
    '2g': [35, 32, 1300],
    dial: [49, 30, 120],
    '4g': [9000, 9000, 170],
    lte: [12_000, 12_000, 70],
  }),
  ...table(firefox, 'firefox', {
    gprs: [50, 20, 500],
    '2g': [250, 50, 300],
    '3g': [750, 250, 100],
    '4g': [4000, 3000, 20],
    dsl: [2000, 1000, 5],
    wifi: [30_000, 15_000, 2],
  }),
  ...table(comcast, 'comcast', {
    gprs: [50, 50, 500, '2%'],
    edge: [250, 250, 300, '1.5%'],
    hsdpa: [750, 750, 250, '1.5%'],
    dialup: [40, 40, 185, '2%'],
    'dsl-poor': [2000, 2000, 70, '2%'],
    'dsl-good': [8000, 8000, 40, '0.5%'],
    wifi: [30_000, 30_000, 40, '0.2%'],
    satellite: [undefined, undefined, 1500, '0.2%'],
  }),
  ...table(sitespeed, 'sitespeed', {
    '3g': [1600, 768, 150],
    '3g-fast': [1600, 768, 75],
    '3g-slow': [400, 400, 200],
    '2g': [280, 256, 400],
    cable: [5000, 1000, 14],
    dsl: [1500, 384, 14],
    '4g': [9000, 9000, 85],
    lte: [12_000, 12_000, 35],
    edge: [240, 200, 35],
    dial: [49, 30, 60],
    fios: [20_000, 5000, 2],
  }),
};

export const networkProfileNames: readonly string[] = Object.keys(networkProfiles);
