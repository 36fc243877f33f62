// @ts-check
/**
 * Fails when a result file does not show that its run worked: each arm completed turns in each trial,
 * and no turn failed to connect.
 *
 * node scripts/check-result.js RESULT.json
 */
import fs from 'node:fs';

/** @type {import('../src/result/schema.ts').Result} */
const result = JSON.parse(fs.readFileSync(String(process.argv[2]), 'utf8'));
for (const arm of result.arms) {
  for (const { trial, measured, warmup, cooldown } of arm.trials) {
    const phases = [warmup, measured, cooldown].map(({ counts }) => counts.turn_outcomes);
    const sum = (/** @type {'completed' | 'connect_failed'} */ outcome) =>
      phases.reduce((total, outcomes) => total + (outcomes[outcome] ?? 0), 0);
    const completed = sum('completed');
    const text = `${arm.name}, trial ${trial}: ${completed} turns completed`;
    process.stdout.write(`${text}, ${JSON.stringify(measured.counts.turn_outcomes)}\n`);
    if (completed === 0 || sum('connect_failed') > 0) process.exitCode = 1;
  }
}
