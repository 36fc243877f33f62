/**
 * The events of one stream, kept so that they can be read again, and its followers. The centre of
 * every protocol that resumes; what a cursor looks like on the wire is the protocol's business.
 *
 * It can be made to err (`resume_bug`), each time as a server in the wild did:
 *
 * - `off_by_one`: the cursor is taken for the next event to send, not for the last one received, so
 *   that one event is lost. An example that continued a Responses stream from a cursor other than the
 *   last event's printed 0, 1, 2, 3, 11, 12 (openai-node pull request 2671).
 * - `lost_window`: what is produced between reading the backlog and being subscribed reaches no client:
 *   a SUBSCRIBE that was not awaited (LibreChat pull request 11710).
 * - `duplicate_replay`: the backlog comes twice, once from the store and once from the queue that
 *   was filled meanwhile. A helper that asks for the whole replay and filters what it shows has the
 *   same bytes sent twice (openai-node issue 1983, pull request 1984).
 * - `stale_id`: a second resume continues from the first one's cursor, because the position is not
 *   advanced by what was replayed (socket.io issue 5419).
 */
import type { Scheduler } from '../../src/timer/scheduler.ts';
import type { ResumeBug } from '../settings/options.ts';

/** How long `lost_window` is deaf. */
const deafMs = 25;

export interface ReplayFollower<E> {
  /** The backlog, in order and in one piece; possibly empty. */
  replay(events: readonly E[]): void;
  /** A new event. */
  live(event: E): void;
  /** The last event was given. */
  end(): void;
  /** The stream broke on the server's side before its last event. */
  cut(): void;
}

export interface ReplayLogOptions {
  scheduler: Scheduler;
  /** Events kept; older ones are forgotten. */
  bufferEvents: number;
  bug: ResumeBug | undefined;
}

/** Whether a place in the stream can be gone on from. */
export type Place = 'known' | 'forgotten' | 'nothing_left';

export class ReplayLog<E> {
  private readonly options: ReplayLogOptions;
  private readonly followers = new Set<ReplayFollower<E>>();
  private events: E[] = [];
  private forgotten = 0;
  private over = false;
  private firstCursor: number | undefined;

  constructor(options: ReplayLogOptions) {
    this.options = options;
  }

  get isOver(): boolean {
    return this.over;
  }

  /** Index that the next event will have. */
  get next(): number {
    return this.forgotten + this.events.length;
  }

  /** Index of the oldest event that can still be replayed. */
  get oldest(): number {
    return this.forgotten;
  }

  get followerCount(): number {
    return this.followers.size;
  }

  append(event: E, last = false): void {
    if (this.over) return;
    this.events.push(event);
    // Forgotten a quarter at a time, so that a long stream does not shift its array at every event.
    if (this.events.length > this.options.bufferEvents * 1.25) {
      const excess = this.events.length - this.options.bufferEvents;
      this.events = this.events.slice(excess);
      this.forgotten += excess;
    }
    this.over = last;
    for (const follower of this.followers) follower.live(event);
    if (last) this.release((follower) => follower.end());
  }

  /** Nothing more will come, and there was no last event. */
  cut(): void {
    this.over = true;
    this.release((follower) => follower.cut());
  }

  /** The kept events from an index on. */
  from(index: number): readonly E[] {
    return this.events.slice(Math.max(0, index - this.forgotten));
  }

  /** @param after - index of the last event that was received, −1 for none. */
  placeOf(after: number): Place {
    if (after + 1 < this.forgotten) return 'forgotten';
    return this.over && after + 1 >= this.next ? 'nothing_left' : 'known';
  }

  /** Follows from the beginning: the client that started the stream. */
  follow(follower: ReplayFollower<E>): void {
    follower.replay(this.events);
    this.join(follower);
  }

  /** Continues after an event, with the planted mistake. Ask `placeOf` before. */
  resume(after: number, follower: ReplayFollower<E>): void {
    const { bug, scheduler } = this.options;
    this.firstCursor ??= after;
    const cursor = bug === 'stale_id' ? this.firstCursor : after;
    const backlog = this.from(cursor + (bug === 'off_by_one' ? 2 : 1));
    follower.replay(backlog);
    if (bug === 'duplicate_replay') follower.replay(backlog);
    if (bug === 'lost_window' && !this.over) {
      scheduler.at(scheduler.now() + deafMs * 1e6, () => this.join(follower));
    } else {
      this.join(follower);
    }
  }

  leave(follower: ReplayFollower<E>): void {
    this.followers.delete(follower);
  }

  private join(follower: ReplayFollower<E>): void {
    if (this.over) follower.end();
    else this.followers.add(follower);
  }

  private release(tell: (follower: ReplayFollower<E>) => void): void {
    const followers = [...this.followers];
    this.followers.clear();
    for (const follower of followers) tell(follower);
  }
}
