/** An answer of plain text into a resumable stream, in whatever words the protocol has for it. */
import { admitAnswer } from '../http/admission.ts';
import { AnswerRun } from '../http/answer-run.ts';
import { newId, type MockContext } from '../http/context.ts';
import type { ResumeBug } from '../settings/options.ts';
import type { OutputPlan } from '../timing/output-plan.ts';
import { planOutput } from '../timing/plan-output.ts';
import type { StreamTransport } from '../truth/stream-truth.ts';
import { ResumableStream } from './resumable-stream.ts';
import type { TextRequest } from './text-request.ts';

/** How the events of an answer look on the wire. `n` is the event's index in its stream. */
export interface TextFormat {
  started(id: string, n: number): string;
  delta(kind: 'content' | 'reasoning', text: string, n: number): string;
  /** What ends an answer, one text for each event. */
  done(plan: OutputPlan, n: number): readonly string[];
  cancelled(n: number): string;
  error(n: number): string;
}

/** A started answer, and what its protocol keeps of it to resume it. */
export interface TextStream {
  readonly id: string;
  readonly stream: ResumableStream;
  readonly request: TextRequest;
  readonly isOver: boolean;
  cancel(): void;
}

export interface TextAnswerOptions {
  context: MockContext;
  request: TextRequest;
  streamId: string;
  receivedNs: number;
  /** Names it in the log. */
  api: string;
  transport: StreamTransport;
  format: TextFormat;
  /** A planted mistake that the protocol makes itself and its log must not make again. */
  protocolBug?: ResumeBug;
  /** The answer has its slot: its first event is about to come. */
  onAdmitted?(answer: TextStream): void;
  onOver(answer: TextStream): void;
}

/**
 * Admits a request and starts its answer.
 *
 * @throws ApiProblem where it is refused.
 */
export function startTextAnswer(options: TextAnswerOptions): TextStream {
  const { context, request, streamId, format } = options;
  const { output, model } = request;
  admitAnswer(context, { model, output, streamId });
  const plan = planOutput(context.settings, output);
  const id = newId('st');
  const recorder = context.truth.begin({
    streamId,
    seedKey: output.seedKey,
    api: options.api,
    transport: options.transport,
    model,
    responseId: id,
    receivedNs: options.receivedNs,
  });
  const stream = new ResumableStream(context, recorder, options.protocolBug);
  const over = (): void => options.onOver(answer);
  const run = new AnswerRun({
    context,
    recorder,
    plans: [plan],
    seedKey: output.seedKey,
    handlers: {
      onAdmitted: () => {
        options.onAdmitted?.(answer);
        stream.emit(format.started(id, stream.log.next));
      },
      onPiece: (_plan, { kind, text, tokens: count }, dueNs) => {
        const shown = kind === 'reasoning' ? 'reasoning' : 'content';
        const event = format.delta(shown, text, stream.log.next);
        stream.emit(event, { kind, tokens: count, piece: text, dueNs });
      },
      onPlanEnd: () => undefined,
      onEnd: (dueNs) => {
        const events = format.done(plan, stream.log.next);
        for (const [i, event] of events.entries()) {
          stream.emit(event, { dueNs }, i === events.length - 1);
        }
        over();
      },
      onFate: (kind) => {
        if (kind === 'truncate') stream.log.cut();
        else stream.emit(format.error(stream.log.next), {}, true);
        over();
      },
    },
  });
  const answer: TextStream = {
    id,
    stream,
    request,
    get isOver() {
      return stream.log.isOver;
    },
    cancel: () => {
      if (stream.log.isOver) return;
      stream.emit(format.cancelled(stream.log.next), {}, true);
      over();
      run.finish('cancelled');
    },
  };
  run.start();
  return answer;
}
