/**
 * The contract suites, for members outside the repository: `streamgauge/contract`. They take the test
 * runner's functions, so they run under `node:test`, vitest, jest or mocha alike.
 *
 * @example
 * import { describe, it } from 'node:test';
 * import { describeDialect, describeEventKinds } from 'streamgauge/contract';
 *
 * describeDialect({ dialect, sample }, { describe, it });
 * describeEventKinds({ dialect, sample }, { describe, it });
 */
export { describeDialect } from './dialect-suite.ts';
export { checkEventKinds, describeEventKinds } from './event-kind-suite.ts';
export type { DialectSample, DialectSetUp, SampleEvent } from './dialect-sample.ts';
export type { TestTools } from './test-tools.ts';
export { defineDialect } from '../dialect/dialect.ts';
export type * from '../dialect/dialect.ts';
export { option } from '../dialect/options.ts';
