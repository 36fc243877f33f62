/** The two-stage stop: the first request lets running sessions finish, the second ends them. */
import type { RunControl } from './arm-run.ts';

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
