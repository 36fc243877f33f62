import type { Scheduled, Scheduler } from '../../../src/timer/scheduler.ts';

export interface IdleTimerOptions {
  scheduler: Scheduler;
  /** Playing time of all audio the client has sent so far, ms. */
  audioEndMs: () => number;
  /** @param audioStartMs - how much audio had been sent when the answer stopped playing, ms. */
  onIdle: (audioStartMs: number) => void;
}

/**
 * `idle_timeout_ms`: a client that stays silent so long after an answer has finished *playing* is
 * prompted. Playing starts when the answer starts, but audio is produced faster than it plays, so the
 * API counts the whole playing time from the end of the response; so does this.
 */
export class IdleTimer {
  readonly #options: IdleTimerOptions;
  #waiting: Scheduled | undefined;

  constructor(options: IdleTimerOptions) {
    this.#options = options;
  }

  /** A response is done whose audio plays for `playingMs`. */
  arm(playingMs: number, idleMs: number): void {
    const { scheduler, audioEndMs, onIdle } = this.#options;
    this.disarm();
    const playedNs = scheduler.now() + playingMs * 1e6;
    this.#waiting = scheduler.at(playedNs, () => {
      const startMs = audioEndMs();
      this.#waiting = scheduler.at(playedNs + idleMs * 1e6, () => {
        this.#waiting = undefined;
        onIdle(startMs);
      });
    });
  }

  disarm(): void {
    this.#waiting?.cancel();
    this.#waiting = undefined;
  }
}
