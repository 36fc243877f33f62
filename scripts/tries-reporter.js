// @ts-check
/**
 * A reporter of vitest that says, in one line, how many tests needed more than one try, and which:
 * "2 of 41 timing tests needed a second try". A retry that is not counted hides a test that gets worse.
 *
 * A test that repeats its measurement itself puts how often into `task.meta.tries`.
 *
 * @typedef {import('vitest/node').TestModule} TestModule
 */
export default class TriesReporter {
  /** @param {readonly TestModule[]} modules */
  onTestRunEnd(modules) {
    const tests = modules
      .flatMap(({ children }) => [...children.allTests()])
      .filter((test) => test.result().state !== 'skipped');
    const again = tests
      .map((test) => ({ test, tries: triesOf(test) }))
      .filter(({ tries }) => tries > 1);
    process.stdout.write(
      `${again.length} of ${tests.length} timing tests needed a second try${again.length > 0 ? ':' : ''}\n`,
    );
    for (const { test, tries } of again) {
      const end = test.result().state === 'passed' ? 'passed' : 'failed';
      process.stdout.write(`  ${end} after ${tries}: ${test.fullName}\n`);
    }
  }
}

/** @param {import('vitest/node').TestCase} test */
function triesOf(test) {
  const meta = /** @type {{ tries?: number }} */ (test.meta());
  return Math.max(meta.tries ?? 1, 1 + (test.diagnostic()?.retryCount ?? 0));
}
