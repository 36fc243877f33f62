/** Lets the user stop a run: first gracefully, then at once. */
export interface RunControl {
  /** `stop`: no new sessions, running ones may finish. `abort`: end everything now. */
  readonly state: 'running' | 'stop' | 'abort';
  onChange(callback: () => void): () => void;
}

/**
 * The two-stage stop: the first request lets running sessions finish, the second ends them.
 *
 * @example
 * ```js
 * import { runScenario, TwoStageStop } from 'streamgauge';
 *
 * const control = new TwoStageStop();
 * setTimeout(() => control.request(), 500);
 * const result = await runScenario(
 *   {
 *     target: 'mock',
 *     load: { kind: 'closed', sessions: 2, duration: '10m' },
 *     prompt: 'Hello',
 *     max_tokens: 8,
 *   },
 *   { control },
 * );
 * console.log(result.partial); // true
 * ```
 */
export class TwoStageStop implements RunControl {
  state: RunControl['state'] = 'running';
  private readonly callbacks = new Set<() => void>();

  onChange(callback: () => void): () => void {
    this.callbacks.add(callback);
    return () => this.callbacks.delete(callback);
  }

  /** @returns the state that was reached. */
  request(): RunControl['state'] {
    this.state = this.state === 'running' ? 'stop' : 'abort';
    for (const callback of this.callbacks) callback();
    return this.state;
  }
}
