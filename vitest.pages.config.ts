import { defineConfig } from 'vitest/config';

/**
 * `npm run test:pages`: what the documentation promises. Its commands and the examples of the library run
 * as a reader would run them, and its pages on adding a member are followed to the letter in a copy of the
 * project, which is built, type-checked and tested. Most of the time is that of whole programs, so the
 * limits below are safety nets, as in vitest.config.ts.
 */
export default defineConfig({
  test: {
    include: ['test/pages/**/*.test.ts'],
    testTimeout: 300_000,
    hookTimeout: 300_000,
    maxWorkers: 2,
  },
});
