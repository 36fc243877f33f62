import { defineConfig } from 'vitest/config';

/**
 * `npm test`. What can only be judged on real time is not here but in test/timing
 * (vitest.timing.config.ts), and what the documentation promises is in test/pages
 * (vitest.pages.config.ts). So every limit of time below is a safety net, not a bound: a busy machine
 * must not reach it.
 */
export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['test/timing/**', 'test/pages/**'],
    setupFiles: ['test/helpers/fixed-seed.ts'],
    testTimeout: 120_000,
    hookTimeout: 120_000,
    expect: { poll: { timeout: 30_000, interval: 10 } },
    // Files of one worker share the modules they import: loading those again for each file took half of
    // the time. A test that changes a global (environment, working directory) puts it back.
    isolate: false,
    // One more than the usual machine of a build has cores: many files wait for other processes.
    maxWorkers: 3,
  },
});
