/** Streams that can be resumed, by id: all that run, and ended ones for `resume.keep`. */
import { ApiProblem } from '../http/api-problem.ts';
import type { MockContext } from '../http/context.ts';

/** How many ended streams are kept at most, and how many ids of forgotten ones. */
const mostEnded = 20_000;

export function streamNotFound(id: string): ApiProblem {
  return new ApiProblem({
    status: 404,
    code: 'stream_not_found',
    message: `There is no stream '${id}'.`,
  });
}

export function streamExpired(id: string): ApiProblem {
  return new ApiProblem({
    status: 410,
    code: 'stream_expired',
    message: `Stream '${id}' has ended and is not kept any longer.`,
  });
}

export function eventsGone(id: string, oldest: number): ApiProblem {
  return new ApiProblem({
    status: 410,
    code: 'events_gone',
    message: `Stream '${id}' no longer has what comes after that place; its oldest event is ${oldest}.`,
  });
}

export class StreamStore<S extends { readonly isOver: boolean }> {
  private readonly context: MockContext;
  private readonly running = new Map<string, S>();
  private readonly ended = new Map<string, { stream: S; untilNs: number }>();
  private readonly expired = new Set<string>();

  constructor(context: MockContext) {
    this.context = context;
  }

  put(id: string, stream: S): void {
    this.running.set(id, stream);
    this.sweep();
  }

  /** @throws ApiProblem 404 for an id that never was, 410 for one that is no longer kept. */
  get(id: string): S {
    this.sweep();
    const stream = this.running.get(id) ?? this.ended.get(id)?.stream;
    if (stream) return stream;
    throw this.expired.has(id) ? streamExpired(id) : streamNotFound(id);
  }

  /** The stream is over from now on: its time to be resumed begins to run. */
  end(id: string): void {
    const stream = this.running.get(id);
    if (!stream) return;
    this.running.delete(id);
    const { scheduler, settings } = this.context;
    this.ended.set(id, { stream, untilNs: scheduler.now() + settings.resume.keepMs * 1e6 });
  }

  private sweep(): void {
    const now = this.context.scheduler.now();
    // In order of their ends, so that only the oldest need a look.
    for (const [id, { untilNs }] of this.ended) {
      if (untilNs > now && this.ended.size <= mostEnded) break;
      this.ended.delete(id);
      this.expired.add(id);
    }
    for (const id of this.expired) {
      if (this.expired.size <= mostEnded) break;
      this.expired.delete(id);
    }
  }
}
