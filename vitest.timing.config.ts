import { defineConfig } from 'vitest/config';

/**
 * `npm run test:timing`: what can only be judged on real time, by statistics. One file at a time, as a
 * second one would be noise to the first. A test that fails is measured again, twice at most; the
 * reporter says how many needed it.
 */
export default defineConfig({
  test: {
    include: ['test/timing/**/*.test.ts'],
    setupFiles: ['test/helpers/fixed-seed.ts'],
    reporters: ['default', './scripts/tries-reporter.js'],
    testTimeout: 120_000,
    hookTimeout: 240_000,
    expect: { poll: { timeout: 30_000, interval: 10 } },
    fileParallelism: false,
    retry: 2,
  },
});
