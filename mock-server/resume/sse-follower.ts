/** One HTTP answer that follows a resumable stream by Server-Sent Events. */
import type { Exchange } from '../http/exchange.ts';
import { SseWriter } from '../http/sse-writer.ts';
import type { StreamRecorder } from '../truth/stream-recorder.ts';
import type { ReplayFollower } from './replay-log.ts';
import type { LoggedEvent, ResumableStream } from './resumable-stream.ts';

export interface SseFollowerOptions {
  exchange: Exchange;
  stream: ResumableStream;
  /** Present for a resumed connection, which has a separate record in addition to the stream's. */
  recorder?: StreamRecorder;
  /** Headers of the answer. */
  headers?: Readonly<Record<string, string>>;
  /** Written before the first event, and no event itself. */
  prelude?: string;
  /** Write a backlog in one piece instead of event by event. */
  joined?: boolean;
  /** Cuts off what the client has of the first event already. */
  skip?: (text: string) => Uint8Array;
}

/** Sends the head. Hand the follower to `ResumableStream.follow` or `resume`. */
export function sseFollower(options: SseFollowerOptions): ReplayFollower<LoggedEvent> {
  const { exchange, stream, recorder, prelude, joined = false } = options;
  const { scheduler } = exchange.context;
  let { skip } = options;
  Object.assign(exchange.extraHeaders, options.headers);
  const writer = new SseWriter(
    exchange,
    {
      onGone: () => {
        stream.leave(follower);
        recorder?.clientLeft(scheduler.now());
        recorder?.ended('client_left', scheduler.now());
      },
    },
    (recorder ?? stream.recorder).backPressure,
  );
  if (prelude !== undefined) writer.writeRaw(prelude);

  const note = ({ n, kind, tokens, dueNs, piece }: LoggedEvent, sentNs: number): void => {
    // The calls themselves are in the stream's record.
    recorder?.event(n, kind === 'tool_arguments' ? undefined : kind, tokens, dueNs, sentNs, piece);
  };
  const follower: ReplayFollower<LoggedEvent> = {
    replay: (events) => {
      if (!joined) {
        for (const event of events) follower.live(event);
        return;
      }
      let whole = events;
      if (skip && events.length > 0) {
        // Half an event has no stamp: it would be in the middle of a line.
        writer.writeRaw(skip(events[0]!.text));
        whole = events.slice(1);
        skip = undefined;
      }
      const sentNs = writer.writeJoined(whole);
      for (const event of events) note(event, sentNs);
    },
    live: (event) => note(event, writer.write(event.n, event.text)),
    end: () => {
      writer.end();
      recorder?.ended('completed', scheduler.now());
    },
    cut: () => {
      writer.cut();
      recorder?.ended('truncated', scheduler.now());
    },
  };
  return follower;
}
