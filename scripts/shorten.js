// @ts-check
/**
 * Prints the flags that make a run of a scenario last a few seconds, for a look at whether it works:
 * `node bin/streamgauge.js run FILE $(node scripts/shorten.js FILE)`. What the scenario asks, over
 * which transports and of which mock stays as it is.
 */
import fs from 'node:fs';

import { parse } from 'yaml';

/** Overrides for each kind of load; no spaces, so that a shell splits them rightly. */
const short = {
  closed: { duration: '2s', sessions: 4 },
  constant: { duration: '2s', rate: '5/s' },
  poisson: { duration: '2s', rate: '5/s' },
  ramp: { duration: '2s', from: '2/s', to: '8/s' },
  stages: { stages: '[{"duration":"1s","rate":"3/s"},{"duration":"1s","rate":"6/s"}]' },
  burst: { duration: '2s', size: 4, every: '1s' },
  trace: { duration: '2s' },
};

/**
 * @typedef {keyof typeof short} Kind
 * @typedef {{ kind?: Kind; cooldown?: string; iterations?: number; think?: string }} Load
 */

/** @type {{ load?: Load; arms?: Record<string, { load?: Load } | null>; matrix?: Record<string, string[]> }} */
const scenario = parse(fs.readFileSync(String(process.argv[2]), 'utf8'));
const flags = ['trials=1', ...overrides('load', scenario.load ?? {}, scenario.load?.kind)];
for (const [name, arm] of Object.entries(scenario.arms ?? {})) {
  if (arm?.load) {
    flags.push(...overrides(`arms.${name}.load`, arm.load, arm.load.kind ?? scenario.load?.kind));
  }
}
// A few cells show whether a large matrix works: both ends of its first path, the far end of the others.
const matrix = Object.entries(scenario.matrix ?? {});
const cells = matrix.reduce((product, [, values]) => product * values.length, 1);
if (cells > 4) {
  for (const [index, [path, values]] of matrix.entries()) {
    const ends = index === 0 ? [values[0], values.at(-1)] : [values.at(-1)];
    flags.push(`matrix."${path}"=[${[...new Set(ends)].join(',')}]`);
  }
}
process.stdout.write(`${flags.map((flag) => `--set ${flag}`).join(' ')}\n`);

/**
 * @param {string} path
 * @param {Load} load
 * @param {Kind | undefined} kind
 */
function overrides(path, load, kind) {
  if (kind === undefined) return [];
  const values = { warmup: '0s', graceful_stop: '10s', ...short[kind] };
  if (load.cooldown !== undefined) Object.assign(values, { cooldown: '0s' });
  return Object.entries(values).map(([key, value]) => `${path}.${key}=${value}`);
}
