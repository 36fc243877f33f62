// @ts-check
/**
 * Counts in a JSON report of vitest: "PASSED FAILED SKIPPED" on one line. A file that could not be
 * loaded counts as one failure: it has no tests to count.
 *
 * node scripts/count-tests.js REPORT.json
 */
import fs from 'node:fs';

const report = JSON.parse(fs.readFileSync(String(process.argv[2]), 'utf8'));
/** @type {{ status: string; assertionResults: { status: string }[] }[]} */
const files = report.testResults;
const tests = files.flatMap((file) => file.assertionResults.map(({ status }) => status));
const broken = files.filter(
  ({ status, assertionResults }) =>
    status === 'failed' && !assertionResults.some((test) => test.status === 'failed'),
).length;
const passed = tests.filter((status) => status === 'passed').length;
const failed = tests.filter((status) => status === 'failed').length;
// An error outside any test fails the run without failing a test.
const stray = !report.success && failed + broken === 0 ? 1 : 0;
if (tests.length === 0) throw new Error('the report holds no tests');
process.stdout.write(`${passed} ${failed + broken + stray} ${tests.length - passed - failed}\n`);
