// @ts-check
/**
 * Fails when a result file does not show that its run worked: each arm completed turns in each trial,
 * or a disconnect that it declares has ended them all; and no turn failed to connect.
 *
 * node scripts/check-result.js RESULT.json
 */
import fs from 'node:fs';

/** @type {import('../src/result/schema.ts').Result} */
const result = JSON.parse(fs.readFileSync(String(process.argv[2]), 'utf8'));
for (const arm of result.arms) {
  for (const { trial, measured, warmup, cooldown, faults } of arm.trials) {
    const phases = [warmup, measured, cooldown].map(({ counts }) => counts.turn_outcomes);
    const sum = (/** @type {'completed' | 'connect_failed'} */ outcome) =>
      phases.reduce((total, outcomes) => total + (outcomes[outcome] ?? 0), 0);
    const completed = sum('completed');
    const turns = phases
      .flatMap((outcomes) => Object.values(outcomes))
      .reduce((/** @type {number} */ total, count) => total + Number(count), 0);
    const broken = faults
      .filter(({ fault }) => fault.startsWith('disconnect '))
      .reduce((total, { fired }) => total + fired, 0);
    const allBroken = broken > 0 && broken >= turns;
    const text = `${arm.name}, trial ${trial}: ${completed} turns completed, ${broken} broken by plan`;
    process.stdout.write(`${text}, ${JSON.stringify(measured.counts.turn_outcomes)}\n`);
    if ((completed === 0 && !allBroken) || sum('connect_failed') > 0) process.exitCode = 1;
  }
}
