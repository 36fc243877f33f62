import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    setupFiles: ['test/helpers/fixed-seed.ts'],
    testTimeout: 20_000,
    // Timing tests share two cores with everything else; more files at once only adds noise.
    maxWorkers: 2,
  },
});
