/**
 * Order within one Responses WebSocket: requests of one lane run one after the other, lanes run side
 * by side, and at most a fixed number of responses is active at once. Knows nothing of a socket.
 */
import { ApiProblem, badRequest } from '../../http/api-problem.ts';

/** Active responses of one connection; further ones are accepted and wait. */
export const mostActive = 16;
/** Named lanes of one connection. */
export const mostLanes = 32;

const laneName = /^[A-Za-z0-9_.-]{1,256}$/;

export interface Lane<Cached> {
  /** '' is the lane of messages without `stream_id`. */
  readonly name: string;
  /** The lane's latest response, which its next turn may continue. */
  latest: Cached | undefined;
}

interface LaneState<Cached> extends Lane<Cached> {
  busy: boolean;
  waiting: (() => void)[];
}

export class Lanes<Cached> {
  private readonly lanes = new Map<string, LaneState<Cached>>();
  private readonly allowed: boolean;
  private active = 0;

  constructor(allowed: boolean) {
    this.allowed = allowed;
  }

  /** @throws ApiProblem for a bad name, or a name too many. */
  lane(streamId: unknown): Lane<Cached> {
    if (streamId !== undefined && !this.allowed) {
      throw badRequest("Unknown parameter: 'stream_id'.", 'stream_id', 'unknown_parameter');
    }
    if (streamId !== undefined && (typeof streamId !== 'string' || !laneName.test(streamId))) {
      throw badRequest(
        "Invalid 'stream_id': expected 1 to 256 characters of A-Z, a-z, 0-9, '_', '.' and '-'.",
        'stream_id',
        'invalid_stream_id',
      );
    }
    const name = streamId ?? '';
    const known = this.lanes.get(name);
    if (known) return known;
    const named = this.lanes.size - (this.lanes.has('') ? 1 : 0);
    if (name !== '' && named >= mostLanes) {
      throw new ApiProblem({
        status: 400,
        code: 'websocket_stream_limit_reached',
        param: 'stream_id',
        message: `Responses websocket connections support at most ${mostLanes} distinct stream IDs.`,
      });
    }
    const lane: LaneState<Cached> = { name, latest: undefined, busy: false, waiting: [] };
    this.lanes.set(name, lane);
    return lane;
  }

  /** The latest response of any lane that `matches`. */
  find(matches: (cached: Cached) => boolean): Cached | undefined {
    for (const { latest } of this.lanes.values()) if (latest && matches(latest)) return latest;
    return undefined;
  }

  /** Runs `job` when its lane is free and a place is; `job` must call what it is given when done. */
  run(lane: Lane<Cached>, job: (done: () => void) => void): void {
    const state = this.lanes.get(lane.name)!;
    state.waiting.push(() => {
      state.busy = true;
      this.active += 1;
      let over = false;
      job(() => {
        if (over) return;
        over = true;
        state.busy = false;
        this.active -= 1;
        this.next();
      });
    });
    this.next();
  }

  private next(): void {
    for (const lane of this.lanes.values()) {
      if (this.active >= mostActive) return;
      if (!lane.busy) lane.waiting.shift()?.();
    }
  }
}
