import { AnswerRun } from '../../http/answer-run.ts';
import { unixSeconds } from '../../http/context.ts';
import type { Exchange } from '../../http/exchange.ts';
import { SseWriter } from '../../http/sse-writer.ts';
import { recordWhole, sendCut } from '../../http/whole-answer.ts';
import type { OutputPlan } from '../../timing/output-plan.ts';
import type { StreamRecorder } from '../../truth/stream-recorder.ts';
import { ResponseGenerator, sseBlock, type ResponseEvent } from './event-generator.ts';
import type { ResponsesRequest } from './request.ts';
import type { ResponseObject } from './response-object.ts';

export interface ForegroundOptions {
  exchange: Exchange;
  request: ResponsesRequest;
  plan: OutputPlan;
  recorder: StreamRecorder;
  id: string;
  /** Called when the response has ended by itself, before its last bytes are written. */
  onDone(response: ResponseObject): void;
}

/** Streams a response on the connection that asked for it; it ends with that connection. */
export function streamResponse(options: ForegroundOptions): void {
  const { exchange, request, plan, recorder, id } = options;
  let writer: SseWriter | undefined;
  const emit = (event: ResponseEvent): void => {
    const sentNs = writer!.write(event.n, sseBlock(event));
    const { piece } = event;
    recorder.event(
      event.n,
      piece?.kind,
      piece?.tokens ?? 0,
      event.dueNs ?? sentNs,
      sentNs,
      piece?.text,
    );
  };
  const generator = new ResponseGenerator({
    id,
    unixSeconds: () => unixSeconds(exchange.context),
    request,
    plan,
    emit,
    onToolCall: (name, callId) => recorder.toolCall(name, callId),
  });
  const run: AnswerRun = new AnswerRun({
    context: exchange.context,
    recorder,
    plans: [plan],
    seedKey: request.output.seedKey,
    handlers: {
      onAdmitted: () => {
        writer = new SseWriter(
          exchange,
          {
            onGone: (reason) => (reason === 'overflow' ? run.finish('overflow') : run.clientLeft()),
          },
          recorder.backPressure,
        );
        generator.created();
        generator.inProgress();
      },
      onPiece: (_plan, piece, dueNs) => generator.piece(piece, dueNs),
      onPlanEnd: () => undefined,
      onEnd: (dueNs) => {
        generator.finish(dueNs);
        options.onDone(generator.response);
        writer!.end();
      },
      onFate: (kind) => {
        if (kind === 'truncate') {
          writer!.cut();
          return;
        }
        generator.fail();
        writer!.end();
      },
    },
  });
  // Until the head is out there is no writer to notice that the client leaves.
  exchange.response.once('close', () => run.clientLeft());
  run.start();
}

/** Answers with the whole response once its last token is there. */
export function answerResponse(options: ForegroundOptions): void {
  const { exchange, request, plan, recorder, id } = options;
  // The same generator builds the object; its events go nowhere.
  const generator = new ResponseGenerator({
    id,
    unixSeconds: () => unixSeconds(exchange.context),
    request,
    plan,
    emit: () => undefined,
    onToolCall: () => undefined,
  });
  const run = new AnswerRun({
    context: exchange.context,
    recorder,
    plans: [plan],
    seedKey: request.output.seedKey,
    handlers: {
      onAdmitted: () => {
        generator.created();
        generator.inProgress();
      },
      onPiece: (_plan, piece, dueNs) => generator.piece(piece, dueNs),
      onPlanEnd: () => undefined,
      onEnd: (dueNs) => {
        generator.finish(dueNs);
        recordWhole(recorder, [plan], dueNs, exchange.context.scheduler.now());
        options.onDone(generator.response);
        exchange.sendJson(200, generator.response);
      },
      onFate: (kind) => {
        if (kind === 'in_band_error') generator.fail();
        else generator.finish(exchange.context.scheduler.now());
        if (kind === 'truncate') sendCut(exchange, JSON.stringify(generator.response));
        else exchange.sendJson(200, generator.response);
      },
    },
  });
  exchange.response.once('close', () => run.clientLeft());
  run.start();
}
