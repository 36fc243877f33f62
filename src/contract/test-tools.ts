/** What a suite needs of a test runner: `node:test`, vitest, jest and mocha all have it. */
export interface TestTools {
  readonly describe: (name: string, body: () => void) => unknown;
  readonly it: (name: string, body: () => void | Promise<void>) => unknown;
}
