import { AnswerRun } from '../http/answer-run.ts';
import type { MockContext } from '../http/context.ts';
import type { Exchange } from '../http/exchange.ts';
import { SseWriter } from '../http/sse-writer.ts';
import type { OutputPlan } from '../timing/output-plan.ts';
import type { StreamRecorder } from '../truth/stream-recorder.ts';
import { ResponseGenerator, sseBlock, type ResponseEvent } from './event-generator.ts';
import type { ResponsesRequest } from './request.ts';
import type { ResponseObject } from './response-object.ts';

type Subscriber = (event: ResponseEvent, last: boolean) => void;

export interface BackgroundOptions {
  context: MockContext;
  request: ResponsesRequest;
  plan: OutputPlan;
  recorder: StreamRecorder;
  id: string;
}

/** A response that goes on whoever listens, and whose events can be read again. */
export class BackgroundResponse {
  readonly request: ResponsesRequest;
  private readonly generator: ResponseGenerator;
  private readonly recorder: StreamRecorder;
  private readonly run: AnswerRun;
  private readonly context: MockContext;
  private readonly events: ResponseEvent[] = [];
  private readonly subscribers = new Set<Subscriber>();
  private ended = false;
  private listenerLeft = false;

  constructor(options: BackgroundOptions) {
    const { context, request, plan, recorder, id } = options;
    this.context = context;
    this.request = request;
    this.recorder = recorder;
    this.generator = new ResponseGenerator({
      id,
      createdAt: Math.floor(Date.now() / 1000),
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
    if (this.ended) return;
    this.generator.cancel();
    this.run.finish('cancelled');
  }

  /** Streams the events after `startingAfter` (−1: all), then those to come. */
  stream(exchange: Exchange, startingAfter: number, recorder?: StreamRecorder): void {
    const writer = new SseWriter(exchange, {
      onGone: () => {
        this.subscribers.delete(subscriber);
        recorder?.clientLeft(this.context.scheduler.now());
        recorder?.ended('client_left', this.context.scheduler.now());
        if (!recorder) this.creatorLeft();
      },
    });
    const subscriber: Subscriber = (event, last) => {
      const sentNs = writer.write(event.n, sseBlock(event));
      const { piece } = event;
      recorder?.event(
        event.n,
        piece?.kind === 'tool_arguments' ? undefined : piece?.kind,
        piece?.tokens ?? 0,
        event.dueNs ?? sentNs,
        sentNs,
        piece?.text,
      );
      if (!last) return;
      writer.end();
      recorder?.ended('completed', sentNs);
    };
    const replay = this.events.filter((event) => event.n > startingAfter);
    for (const [index, event] of replay.entries()) {
      if (!writer.open) return;
      subscriber(event, this.ended && index === replay.length - 1);
    }
    if (!this.ended) this.subscribers.add(subscriber);
    else if (replay.length === 0) {
      writer.end();
      recorder?.ended('completed', this.context.scheduler.now());
    }
  }

  /** The connection that created it has gone; the answer goes on, for whoever resumes it. */
  private creatorLeft(): void {
    this.listenerLeft = true;
    if (this.recorder.running) this.recorder.clientLeft(this.context.scheduler.now());
  }

  private emit(event: ResponseEvent): void {
    const { piece } = event;
    const now = this.context.scheduler.now();
    this.recorder.event(
      event.n,
      piece?.kind,
      piece?.tokens ?? 0,
      event.dueNs ?? now,
      now,
      piece?.text,
    );
    if (piece && this.listenerLeft) this.recorder.producedAfterLeft(piece.tokens);
    this.events.push(event);
    const last = terminalTypes.has(event.type);
    this.ended ||= last;
    for (const subscriber of this.subscribers) subscriber(event, last);
    if (last) this.subscribers.clear();
  }
}

const terminalTypes = new Set([
  'response.completed',
  'response.incomplete',
  'response.failed',
  'response.cancelled',
]);
