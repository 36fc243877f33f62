/**
 * What the loss model costs per write, compared with a plain delay, in the same process.
 *
 * 200 connections write 50 times a second each, through one scheduler in virtual time, so that only the
 * work is timed: model, queue of due times, and handing on the bytes. The candidates take turns, so that
 * a change of the machine's speed hits all; the fastest round of each counts. The promise is at most
 * 10 µs per write under loss; the exit code is 1 where it is broken.
 *
 * Run after `npm run build`: node bench/tcp-loss.js [--rounds 7] [--json]
 */
import { parseArgs } from 'node:util';

import { delayFault } from '../dist/src/fault/kinds/delay.js';
import { lossFault } from '../dist/src/fault/kinds/loss/loss.js';
import { seededRng } from '../dist/src/random/rng.js';
import { VirtualScheduler } from '../dist/src/timer/virtual-scheduler.js';

const { values: flags } = parseArgs({
  options: {
    rounds: { type: 'string', default: '7' },
    json: { type: 'boolean', default: false },
  },
});
const rounds = Number(flags.rounds);
const promisedUs = 10;

const connections = 200;
const writesEach = 250;
const intervalMs = 20;
const rttMs = 50;

const bernoulli = (p) => ({ kind: 'bernoulli', p });
const fades = { kind: 'gilbert_elliott', goodMs: 2000, badMs: 60, lossGood: 0.001, lossBad: 0.5 };
const candidates = [
  { name: 'plain delay', bytes: 60, make: () => delayFault(rttMs / 2) },
  { name: 'loss 0 %', bytes: 60, make: () => lossFault({ rttMs, process: bernoulli(0) }) },
  { name: 'loss 2 %', bytes: 60, make: () => lossFault({ rttMs, process: bernoulli(0.02) }) },
  { name: 'loss 5 %', bytes: 60, make: () => lossFault({ rttMs, process: bernoulli(0.05) }) },
  {
    name: 'loss 2 %, lossy return path',
    bytes: 60,
    make: () => lossFault({ rttMs, process: bernoulli(0.02), ackLoss: bernoulli(0.02) }),
  },
  { name: 'fades of 60 ms', bytes: 60, make: () => lossFault({ rttMs, process: fades }) },
  {
    name: 'loss 2 %, jitter',
    bytes: 60,
    make: () =>
      lossFault({ rttMs, process: bernoulli(0.02), jitter: { kind: 'exponential', mean: 3 } }),
  },
  {
    name: 'loss 2 %, sent twice',
    bytes: 60,
    make: () => lossFault({ rttMs, process: bernoulli(0.02), repair: 'duplicate' }),
  },
  {
    name: 'loss 2 %, sent along',
    bytes: 60,
    make: () => lossFault({ rttMs, process: bernoulli(0.02), repair: 'piggyback' }),
  },
  {
    name: 'loss 2 %, 2600-byte writes',
    bytes: 2600,
    make: () => lossFault({ rttMs, process: bernoulli(0.02) }),
  },
];

/** One round. Returns µs per write. */
function timeOf({ make, bytes }, round) {
  const scheduler = new VirtualScheduler();
  const fault = make();
  const chunk = new Uint8Array(bytes);
  let received = 0;
  const pipes = Array.from({ length: connections }, (_, number) =>
    fault.pipe({
      direction: 'target_to_client',
      rng: seededRng(`${round}/${number}`),
      connection: {},
      now: () => scheduler.now(),
      schedule: (atNs, action) => scheduler.at(atNs, action),
      forward: (piece) => {
        received += piece.length;
      },
      forwardEnd: () => {},
      discard: () => {},
      backPressure: () => {},
      endConnection: () => {},
    }),
  );
  const started = process.hrtime.bigint();
  for (let write = 0; write < writesEach; write++) {
    for (const [number, pipe] of pipes.entries()) {
      scheduler.advanceTo((write + number / connections) * intervalMs * 1e6);
      pipe.write(chunk);
    }
  }
  scheduler.advanceMs(600_000);
  const us = Number(process.hrtime.bigint() - started) / 1000;
  const sent = connections * writesEach;
  if (received !== sent * bytes) throw new Error(`${received} bytes came of ${sent * bytes}`);
  return us / sent;
}

const best = candidates.map(() => Infinity);
for (let round = 0; round < rounds; round++) {
  for (const [index, candidate] of candidates.entries()) {
    best[index] = Math.min(best[index], timeOf(candidate, round));
  }
}

const results = candidates.map(({ name }, index) => ({
  name,
  usPerWrite: best[index],
  timesDelay: best[index] / best[0],
}));
const kept = results.every(({ usPerWrite }) => usPerWrite <= promisedUs);
if (flags.json) {
  console.log(JSON.stringify({ results, promisedUs, kept }, null, 2));
} else {
  for (const { name, usPerWrite, timesDelay } of results) {
    const times = `${timesDelay.toFixed(1)} × delay`;
    console.log(
      `${name.padEnd(30)} ${usPerWrite.toFixed(2).padStart(6)} µs/write  ${times.padStart(12)}`,
    );
  }
  console.log(`at most ${promisedUs} µs per write: ${kept ? 'kept' : 'BROKEN'}`);
}
process.exitCode = kept ? 0 : 1;
