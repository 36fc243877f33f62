/** One direction of one connection: the chain of pipes between two sockets. */
import { seededRng } from '../../random/rng.ts';
import type { Scheduled, Scheduler } from '../../timer/scheduler.ts';
import type { Direction } from '../direction.ts';
import type { Ending, Fault, Pipe, PipeContext } from '../fault.ts';

/** What a path needs of its connection. */
export interface PathHost {
  direction: Direction;
  scheduler: Scheduler;
  /** The same for both directions. */
  connection: object;
  /** Names relay and connection. */
  seed: string;
  /** Bytes that have come through. */
  deliver(bytes: Uint8Array): void;
  /** The end has come through; called once. */
  deliverEnd(): void;
  /** A pipe's queue is full, or no longer. */
  backPressure(on: boolean): void;
  /** A fault ends the connection. What it had forwarded may still come through, and then the end. */
  endConnection(how: Ending): void;
}

/** Pipes made of one list of faults. */
interface Chain {
  pipes: Pipe[];
  /** Indices of pipes that ask the source to stop. */
  full: Set<number>;
  timers: Set<Scheduled>;
}

/**
 * Faults can be replaced while bytes are under way. A chain promises that its end comes after its bytes,
 * so its end is the barrier: the old chain is ended, what arrives meanwhile waits, and when the old
 * chain's end comes out, the new one takes over. No byte is lost or reordered.
 */
export class FaultPath {
  private readonly host: PathHost;
  private chain: Chain;
  private chains = 0;
  private next: Chain | undefined;
  private readonly waiting: Uint8Array[] = [];
  private ended = false;
  private cut = false;
  private over = false;
  /** Bytes between the sockets: written and not yet delivered. */
  held = 0;

  constructor(host: PathHost, faults: readonly Fault[]) {
    this.host = host;
    this.chain = this.build(faults);
  }

  write(bytes: Uint8Array): void {
    if (this.ended || this.over) return;
    this.held += bytes.length;
    if (this.next) this.waiting.push(bytes);
    else this.chain.pipes[0]!.write(bytes);
  }

  /** The source has ended; idempotent. */
  end(): void {
    if (this.ended || this.over) return;
    this.ended = true;
    if (!this.next) this.chain.pipes[0]!.end();
  }

  /** From now on bytes go through these faults, behind what is under way. */
  replace(faults: readonly Fault[]): void {
    if (this.ended || this.over || this.cut) return;
    const draining = this.next !== undefined;
    if (this.next) this.drop(this.next);
    this.next = this.build(faults);
    if (!draining) this.chain.pipes[0]!.end();
  }

  /** The connection is gone. */
  close(): void {
    this.over = true;
    this.held = 0;
    this.waiting.length = 0;
    this.drop(this.chain);
    if (this.next) this.drop(this.next);
  }

  private drop(chain: Chain): void {
    for (const timer of chain.timers) timer.cancel();
    chain.timers.clear();
  }

  private build(faults: readonly Fault[]): Chain {
    const chain: Chain = { pipes: [], full: new Set(), timers: new Set() };
    const number = this.chains++;
    chain.pipes[faults.length] = {
      write: (bytes) => {
        this.held -= bytes.length;
        if (!this.over) this.host.deliver(bytes);
      },
      end: () => this.comeThrough(chain),
    };
    // Built from the far end, so that the first fault sees the bytes first.
    for (let index = faults.length - 1; index >= 0; index--) {
      const seed = `${this.host.seed}/${this.host.direction}/${number}/${index}`;
      const context = this.contextOf(chain, index, seed);
      chain.pipes[index] = faults[index]!.pipe(context);
    }
    return chain;
  }

  private contextOf(chain: Chain, index: number, seed: string): PipeContext {
    const { host } = this;
    const { scheduler } = host;
    const far = chain.pipes[index + 1]!;
    let dead = false;
    let endedHere = false;
    return {
      direction: host.direction,
      connection: host.connection,
      rng: seededRng(seed),
      now: () => scheduler.now(),
      schedule: (atNs, action) => {
        const timer = scheduler.at(atNs, () => {
          chain.timers.delete(timer);
          action();
        });
        chain.timers.add(timer);
        return {
          cancel: () => {
            chain.timers.delete(timer);
            timer.cancel();
          },
        };
      },
      forward: (bytes) => {
        if (dead) this.held -= bytes.length;
        else far.write(bytes);
      },
      inject: (bytes) => {
        if (dead || endedHere) return;
        this.held += bytes.length;
        far.write(bytes);
      },
      forwardEnd: () => {
        if (dead || endedHere) return;
        endedHere = true;
        far.end();
      },
      discard: (byteCount) => {
        this.held -= byteCount;
      },
      backPressure: (on) => this.setFull(chain, index, on),
      endConnection: (how) => {
        if (dead || this.over) return;
        // Closing the client's side leaves the answer's way open.
        if (how === 'half_close' && host.direction === 'target_to_client') {
          host.endConnection(how);
          return;
        }
        dead = true;
        this.cut = true;
        host.endConnection(how);
        if (how === 'black_hole' || how === 'forget' || this.over) return;
        if (endedHere) host.deliverEnd();
        else far.end();
      },
    };
  }

  private setFull(chain: Chain, index: number, on: boolean): void {
    if (on === chain.full.has(index)) return;
    if (on) chain.full.add(index);
    else chain.full.delete(index);
    if (chain === this.chain) this.host.backPressure(chain.full.size > 0);
  }

  /** A chain's end has come out: the stream's, or the barrier's. */
  private comeThrough(chain: Chain): void {
    if (this.over || chain !== this.chain) return;
    if (!this.next || this.cut) {
      this.host.deliverEnd();
      return;
    }
    this.drop(this.chain);
    this.chain = this.next;
    this.next = undefined;
    this.host.backPressure(this.chain.full.size > 0);
    const [first] = this.chain.pipes;
    for (const bytes of this.waiting.splice(0)) first!.write(bytes);
    if (this.ended) first!.end();
  }
}
