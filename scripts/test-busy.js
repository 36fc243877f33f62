// @ts-check
/**
 * Whether a busy machine can make the tests fail: runs them again and again while a loop keeps each core
 * busy, and says how many runs were green and which tests failed how often. Ends with 1 where any did.
 *
 * node scripts/test-busy.js [--times 20] [--loops CORES] [FILTER OR OPTION OF VITEST …]
 */
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const root = fileURLToPath(new URL('..', import.meta.url));

/** Ends with its parent, however that ends; it has no turn of an event loop to notice it. */
const busyLoop = `const parent = process.ppid;
for (;;) {
  for (let i = 0; i < 1e7; i++);
  if (process.ppid !== parent) process.exit();
}`;

/**
 * @param {readonly string[]} args - for vitest
 * @param {string} file - gets the report
 * @returns {Promise<string[]>} names of tests, and of files that could not be loaded, that failed
 */
async function runOnce(args, file) {
  fs.rmSync(file, { force: true });
  const vitest = path.join(root, 'node_modules/vitest/vitest.mjs');
  const child = spawn(
    process.execPath,
    [vitest, 'run', '--reporter=json', `--outputFile=${file}`, ...args],
    { cwd: root, stdio: 'ignore' },
  );
  const code = await new Promise((resolve) => child.once('close', resolve));
  if (!fs.existsSync(file)) return ['(vitest left no report)'];
  /** @type {{ testResults: { name: string; status: string; assertionResults: { status: string; fullName: string }[] }[] }} */
  const { testResults } = JSON.parse(fs.readFileSync(file, 'utf8'));
  const failed = testResults.flatMap(({ name, status, assertionResults }) => {
    const short = path.relative(root, name);
    const tests = assertionResults.filter((test) => test.status === 'failed');
    if (status === 'failed' && tests.length === 0) return [`${short} (could not be loaded)`];
    return tests.map(({ fullName }) => `${short}: ${fullName}`);
  });
  return code !== 0 && failed.length === 0 ? ['(an error outside of any test)'] : failed;
}

const { values, positionals, tokens } = parseArgs({
  allowPositionals: true,
  strict: false,
  tokens: true,
  options: {
    times: { type: 'string', default: '20' },
    loops: { type: 'string', default: String(os.availableParallelism()) },
  },
});
// Options that are not this script's are vitest's.
const passedOn = tokens.flatMap((token) =>
  token.kind === 'option' && !['times', 'loops'].includes(token.name)
    ? [token.value === undefined ? token.rawName : `${token.rawName}=${token.value}`]
    : [],
);
const times = Number(values.times);
const loops = Array.from({ length: Number(values.loops) }, () =>
  spawn(process.execPath, ['--eval', busyLoop], { stdio: 'ignore' }),
);
const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'streamgauge-busy-'));
/** @type {Map<string, number>} */
const failures = new Map();
let green = 0;
try {
  for (let run = 1; run <= times; run++) {
    const started = performance.now();
    const failed = await runOnce([...passedOn, ...positionals], path.join(folder, 'report.json'));
    const seconds = Math.round((performance.now() - started) / 1000);
    if (failed.length === 0) green++;
    for (const name of failed) failures.set(name, (failures.get(name) ?? 0) + 1);
    console.log(`run ${run}: ${failed.length === 0 ? 'green' : failed.join('; ')} (${seconds} s)`);
  }
} finally {
  for (const loop of loops) loop.kill();
  fs.rmSync(folder, { recursive: true, force: true });
}
console.log(`${green} of ${times} runs were green, with ${loops.length} busy loops`);
for (const [name, count] of [...failures].sort(([, a], [, b]) => b - a)) {
  console.log(`  failed in ${count}: ${name}`);
}
process.exitCode = green === times ? 0 : 1;
