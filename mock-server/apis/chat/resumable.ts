/**
 * Chat streams that outlive their connection (`resume.sse`): every event has an id that names the
 * stream and the event, `chatcmpl-…:7`, and `GET /v1/chat/completions` with `Last-Event-ID` continues
 * after it, as a browser's EventSource asks for it.
 */
import { ApiProblem, badRequest } from '../../http/api-problem.ts';
import type { MockContext } from '../../http/context.ts';
import { bearerKey, checkKey, type Exchange } from '../../http/exchange.ts';
import type { ReplayFollower } from '../../resume/replay-log.ts';
import { ResumableStream, type LoggedEvent } from '../../resume/resumable-stream.ts';
import { sseFollower } from '../../resume/sse-follower.ts';
import { eventsGone, StreamStore } from '../../resume/stream-store.ts';
import type { OutputPlan } from '../../timing/output-plan.ts';
import type { StreamRecorder } from '../../truth/stream-recorder.ts';
import type { StreamIdentity } from '../../truth/stream-truth.ts';
import { chatRun } from './answer.ts';
import type { ChatRequest } from './request.ts';

interface Kept {
  readonly stream: ResumableStream;
  readonly identity: Omit<StreamIdentity, 'receivedNs' | 'streamId'>;
  readonly isOver: boolean;
}

export class ResumableChats {
  private readonly context: MockContext;
  private readonly store: StreamStore<Kept>;

  constructor(context: MockContext) {
    this.context = context;
    this.store = new StreamStore(context);
  }

  /** Streams a completion that continues when its connection does not. */
  readonly stream = (
    exchange: Exchange,
    request: ChatRequest,
    plans: readonly OutputPlan[],
    recorder: StreamRecorder,
    id: string,
  ): void => {
    const { context } = this;
    const stream = new ResumableStream(context, recorder);
    const { seedKey } = request.output;
    this.store.put(id, {
      stream,
      identity: { seedKey, api: 'chat', transport: 'sse', model: request.model, responseId: id },
      get isOver() {
        return stream.log.isOver;
      },
    });
    chatRun(context, request, plans, recorder, id, {
      open: () => {
        if (exchange.response.destroyed) {
          recorder.clientLeft(context.scheduler.now());
          return;
        }
        // The first id comes with no data: from then on the stream can be resumed.
        const prelude = `id: ${id}:0\n${this.retryLine()}data: \n\n`;
        stream.follow(sseFollower({ exchange, stream, prelude }));
      },
      write: (block, carried, last) => {
        stream.emit(`id: ${id}:${stream.log.next + 1}\n${block}`, carried, last);
        if (last) this.store.end(id);
      },
      cut: () => {
        stream.log.cut();
        this.store.end(id);
      },
    }).start();
  };

  /** `GET` with `Last-Event-ID`: 204 where the end was received already. */
  readonly resume = (exchange: Exchange): void => {
    const { context } = this;
    checkKey(context, bearerKey(exchange.request));
    const text = exchange.request.headers['last-event-id'];
    const match = typeof text === 'string' ? /^(chatcmpl-[\w-]+):(\d{1,15})$/.exec(text) : null;
    if (!match) {
      throw badRequest(
        text === undefined
          ? 'Only a stream can be read here: send the id of its last event as Last-Event-ID.'
          : `Invalid Last-Event-ID: '${String(text)}'.`,
        'last-event-id',
      );
    }
    const id = match[1]!;
    const { stream, identity } = this.store.get(id);
    // The priming event has number 0, the event with index 0 number 1.
    const after = Number(match[2]) - 1;
    const { log } = stream;
    if (after >= log.next) {
      throw new ApiProblem({
        status: 400,
        code: 'event_unknown',
        param: 'last-event-id',
        message: `Stream '${id}' has no event ${after + 1} yet.`,
      });
    }
    const place = log.placeOf(after);
    if (place === 'forgotten') throw eventsGone(id, log.oldest + 1);
    if (place === 'nothing_left') {
      exchange.sendEmpty(204);
      return;
    }
    const recorder = context.truth.begin({
      ...identity,
      streamId: exchange.streamId,
      receivedNs: exchange.receivedNs,
      resumedAfter: after,
    });
    recorder.admitted(context.scheduler.now(), 1);
    const retry = this.retryLine();
    const follower: ReplayFollower<LoggedEvent> = sseFollower({
      exchange,
      stream,
      recorder,
      ...(retry === '' ? {} : { prelude: `${retry}\n` }),
    });
    stream.resume(after, follower);
  };

  private retryLine(): string {
    const { retryMs } = this.context.settings.resume;
    return retryMs === undefined ? '' : `retry: ${Math.round(retryMs)}\n`;
  }
}
