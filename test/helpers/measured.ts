/** Measurements that many tests share, and what a test does that is tried again. */
import type { TestContext } from 'vitest';

/**
 * What was measured for a test: at the first try what all measured together, which is quick; at each
 * further one, a measurement for it alone. To look at the same numbers again would be no second try.
 *
 * @param again - measures again; told which try it is, from 2.
 */
export async function measured<T>(
  task: TestContext['task'],
  together: T,
  again: (attempt: number) => Promise<T>,
): Promise<T> {
  const retries = task.result?.retryCount ?? 0;
  return retries === 0 ? together : again(retries + 1);
}
