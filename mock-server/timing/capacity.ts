/**
 * N slots and a bounded first-in-first-out queue in front of them, which is what makes the time to
 * the first token rise under load: a request's plan starts only when it has a slot. Driven by
 * events alone, without a clock.
 */

export interface CapacitySettings {
  /** Answers produced at the same time; Infinity for no limit. */
  slots: number;
  /** Requests that may wait; Infinity for no limit. */
  queue: number;
  /** See {@link Lease.stretch}. */
  slowdown: number;
}

/** A slot that is held. */
export interface Lease {
  /** 1 + slowdown × occupied/slots at the time of admission: what gaps are multiplied by. */
  readonly stretch: number;
  /** Gives the slot back. Idempotent. */
  release(): void;
}

/** A place in the queue or, once admitted, nothing. */
export interface Ticket {
  /** Leaves the queue; without effect once admitted. */
  leave(): void;
}

interface Waiter {
  admit(lease: Lease): void;
}

export class Capacity {
  private readonly settings: CapacitySettings;
  private readonly waiters = new Set<Waiter>();
  private occupied = 0;

  constructor(settings: CapacitySettings) {
    this.settings = settings;
  }

  get slotsInUse(): number {
    return this.occupied;
  }

  get queued(): number {
    return this.waiters.size;
  }

  /** Whether `enter` would refuse. */
  get full(): boolean {
    return this.occupied >= this.settings.slots && this.waiters.size >= this.settings.queue;
  }

  /**
   * Asks for a slot.
   *
   * @param admit - called once, immediately where a slot is free, else when one becomes free.
   * @returns undefined when slots and queue are full; `admit` is then never called.
   */
  enter(admit: (lease: Lease) => void): Ticket | undefined {
    const { slots, queue } = this.settings;
    if (this.occupied < slots) {
      this.grant(admit);
      return { leave: () => undefined };
    }
    if (this.waiters.size >= queue) return undefined;
    const waiter: Waiter = { admit };
    this.waiters.add(waiter);
    return { leave: () => void this.waiters.delete(waiter) };
  }

  private grant(admit: (lease: Lease) => void): void {
    const { slots, slowdown } = this.settings;
    this.occupied += 1;
    let held = true;
    admit({
      stretch: slots === Infinity ? 1 : 1 + slowdown * (this.occupied / slots),
      release: () => {
        if (!held) return;
        held = false;
        this.occupied -= 1;
        const [next] = this.waiters;
        if (next) {
          this.waiters.delete(next);
          this.grant((lease) => next.admit(lease));
        }
      },
    });
  }
}
