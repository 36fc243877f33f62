/** Listeners that are told that a process ended without having been told to. */
import type { StreamgaugeError } from '../errors.ts';

export class ExitListeners {
  private readonly listeners = new Set<(error: StreamgaugeError) => void>();
  private told: StreamgaugeError | undefined;

  /** @returns what to call to stop listening. A listener added after the end is called as well. */
  add(listener: (error: StreamgaugeError) => void): () => void {
    this.listeners.add(listener);
    const { told } = this;
    if (told) {
      queueMicrotask(() => {
        if (this.listeners.has(listener)) listener(told);
      });
    }
    return () => void this.listeners.delete(listener);
  }

  /** Tells all, the first time. */
  tell(error: StreamgaugeError): void {
    if (this.told) return;
    this.told = error;
    for (const listener of this.listeners) listener(error);
  }
}
