import type { Scheduled } from './scheduler.ts';

/** One entry of the queue. `action` is dropped when it has run or was cancelled. */
export class DueEntry implements Scheduled {
  readonly dueNs: number;
  /** Order of entries with equal times. */
  readonly order: number;
  action: (() => void) | undefined;
  /** Whether the process is to continue for it. */
  readonly holds: boolean;
  private readonly queue: DueQueue;

  constructor(queue: DueQueue, dueNs: number, order: number, action: () => void, holds: boolean) {
    this.queue = queue;
    this.dueNs = dueNs;
    this.order = order;
    this.action = action;
    this.holds = holds;
  }

  cancel(): void {
    if (!this.action) return;
    this.action = undefined;
    this.queue.noteCancelled(this);
  }
}

function before(a: DueEntry, b: DueEntry): boolean {
  return a.dueNs < b.dueNs || (a.dueNs === b.dueNs && a.order < b.order);
}

/** A binary heap of due times. Cancelled entries stay until they surface or outnumber the others. */
export class DueQueue {
  private heap: DueEntry[] = [];
  private cancelled = 0;
  private orders = 0;
  private holding = 0;
  private readonly onHolds: ((holds: boolean) => void) | undefined;

  /** @param onHolds - told when the first entry comes that holds the process, and when the last goes. */
  constructor(onHolds?: (holds: boolean) => void) {
    this.onHolds = onHolds;
  }

  /** Whether an entry waits that the process is to continue for. */
  get holds(): boolean {
    return this.holding > 0;
  }

  /** Entries that are still to run. */
  get size(): number {
    return this.heap.length - this.cancelled;
  }

  push(dueNs: number, action: () => void, holds = true): DueEntry {
    const entry = new DueEntry(this, dueNs, this.orders++, action, holds);
    this.heap.push(entry);
    this.siftUp(this.heap.length - 1);
    if (holds) {
      this.holding += 1;
      if (this.holding === 1) this.onHolds?.(true);
    }
    return entry;
  }

  /** The earliest live entry, left in place. */
  peek(): DueEntry | undefined {
    let top = this.heap[0];
    while (top && !top.action) {
      this.cancelled -= 1;
      this.removeTop();
      top = this.heap[0];
    }
    return top;
  }

  /** Removes the entry that `peek` has just returned, and gives what it was to do. */
  takeTop(): () => void {
    const entry = this.heap[0]!;
    const action = entry.action!;
    entry.action = undefined;
    this.removeTop();
    if (entry.holds) this.release();
    return action;
  }

  private removeTop(): void {
    const last = this.heap.pop();
    if (last && this.heap.length > 0) {
      this.heap[0] = last;
      this.siftDown(0);
    }
  }

  clear(): void {
    for (const entry of this.heap) entry.action = undefined;
    this.heap = [];
    this.cancelled = 0;
    const held = this.holds;
    this.holding = 0;
    if (held) this.onHolds?.(false);
  }

  noteCancelled(entry: DueEntry): void {
    if (entry.holds) this.release();
    this.cancelled += 1;
    // Timeouts of an hour that are cancelled after a second must not pile up for an hour.
    if (this.cancelled > 1024 && this.cancelled > this.heap.length / 2) {
      this.heap = this.heap.filter((entry) => entry.action);
      this.cancelled = 0;
      for (let i = (this.heap.length >> 1) - 1; i >= 0; i--) this.siftDown(i);
    }
  }

  private release(): void {
    this.holding -= 1;
    if (this.holding === 0) this.onHolds?.(false);
  }

  private siftUp(start: number): void {
    const { heap } = this;
    const entry = heap[start]!;
    let at = start;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!before(entry, heap[parent]!)) break;
      heap[at] = heap[parent]!;
      at = parent;
    }
    heap[at] = entry;
  }

  private siftDown(start: number): void {
    const { heap } = this;
    const entry = heap[start]!;
    let at = start;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && before(heap[child + 1]!, heap[child]!)) child += 1;
      if (!before(heap[child]!, entry)) break;
      heap[at] = heap[child]!;
      at = child;
    }
    heap[at] = entry;
  }
}
