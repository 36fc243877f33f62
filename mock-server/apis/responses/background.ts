import { AnswerRun } from '../../http/answer-run.ts';
import { unixSeconds, type MockContext } from '../../http/context.ts';
import type { Exchange } from '../../http/exchange.ts';
import { ResumableStream } from '../../resume/resumable-stream.ts';
import { sseFollower } from '../../resume/sse-follower.ts';
import { eventsGone } from '../../resume/stream-store.ts';
import type { OutputPlan } from '../../timing/output-plan.ts';
import type { StreamRecorder } from '../../truth/stream-recorder.ts';
import { ResponseGenerator, sseBlock, type ResponseEvent } from './event-generator.ts';
import type { ResponsesRequest } from './request.ts';
import type { ResponseObject } from './response-object.ts';

export interface BackgroundOptions {
  context: MockContext;
  request: ResponsesRequest;
  plan: OutputPlan;
  recorder: StreamRecorder;
  id: string;
}

/** A response that continues whether or not a client listens, and whose events can be read again. */
export class BackgroundResponse {
  readonly request: ResponsesRequest;
  private readonly generator: ResponseGenerator;
  private readonly stream: ResumableStream;
  private readonly run: AnswerRun;

  constructor(options: BackgroundOptions) {
    const { context, request, plan, recorder, id } = options;
    this.request = request;
    this.stream = new ResumableStream(context, recorder);
    this.generator = new ResponseGenerator({
      id,
      unixSeconds: () => unixSeconds(context),
      request,
      plan,
      emit: (event) => this.emit(event),
      onToolCall: (name, callId) => recorder.toolCall(name, callId),
    });
    this.run = new AnswerRun({
      context,
      recorder,
      plans: [plan],
      seedKey: request.output.seedKey,
      handlers: {
        onAdmitted: () => this.generator.inProgress(),
        onPiece: (_plan, piece, dueNs) => this.generator.piece(piece, dueNs),
        onPlanEnd: () => undefined,
        onEnd: (dueNs) => this.generator.finish(dueNs),
        // A background answer has no connection of its own that could be cut.
        onFate: () => this.generator.fail(),
      },
    });
  }

  get response(): ResponseObject {
    return this.generator.response;
  }

  /** `response.created`, `response.queued`, and the wait for a slot. */
  start(): void {
    this.generator.created();
    this.run.start();
  }

  /** Without effect when it is over. */
  cancel(): void {
    if (this.stream.log.isOver) return;
    this.generator.cancel();
    this.run.finish('cancelled');
  }

  /** Streams every event to the connection that created the response. */
  follow(exchange: Exchange): void {
    const { stream } = this;
    stream.follow(sseFollower({ exchange, stream }));
  }

  /**
   * Streams the events after `startingAfter` (−1: all), then those to come.
   *
   * @param begin - makes the record of this connection, once it is clear that there will be one.
   * @throws ApiProblem 410 where the log no longer reaches back that far.
   */
  resume(exchange: Exchange, startingAfter: number, begin: () => StreamRecorder): void {
    const { stream } = this;
    if (stream.log.placeOf(startingAfter) === 'forgotten') {
      throw eventsGone(this.response.id, stream.log.oldest);
    }
    stream.resume(startingAfter, sseFollower({ exchange, stream, recorder: begin() }));
  }

  private emit(event: ResponseEvent): void {
    const { piece, dueNs } = event;
    this.stream.emit(
      sseBlock(event),
      { kind: piece?.kind, tokens: piece?.tokens ?? 0, piece: piece?.text ?? '', dueNs },
      terminalTypes.has(event.type),
    );
  }
}

const terminalTypes = new Set([
  'response.completed',
  'response.incomplete',
  'response.failed',
  'response.cancelled',
]);
