/** Produces a session's answers: planned, admitted, paced and logged like those of every other API. */
import { admitAnswer } from '../../http/admission.ts';
import { AnswerRun } from '../../http/answer-run.ts';
import { ApiProblem } from '../../http/api-problem.ts';
import { newId, type MockContext } from '../../http/context.ts';
import type { OutputPlan, Piece } from '../../timing/output-plan.ts';
import { planOutput } from '../../timing/plan-output.ts';
import type { Scheduled } from '../../../src/timer/scheduler.ts';
import type { StreamRecorder } from '../../truth/stream-recorder.ts';
import type { StreamEnd } from '../../truth/stream-truth.ts';
import { AudioKeeper } from './audio/audio-keeper.ts';
import type {
  AnswerEnd,
  AnswerRequest,
  AnswerSink,
  LeaveReason,
  RealtimeHost,
  RunningAnswer,
} from './host.ts';

const endings: Record<AnswerEnd, StreamEnd> = {
  completed: 'completed',
  failed: 'in_band_error',
  cancelled: 'cancelled',
  truncated: 'truncated',
};

/** An answer that was admitted. */
class HostedAnswer implements RunningAnswer {
  readonly toolCalls: OutputPlan['toolCalls'];
  readonly #recorder: StreamRecorder;
  readonly #run: AnswerRun;
  readonly #unread: () => number;

  constructor(context: MockContext, request: AnswerRequest, sink: AnswerSink) {
    const { output, streamId, model, responseId, unread } = request;
    this.#unread = unread;
    const plan = planOutput(context.settings, output);
    this.toolCalls = plan.toolCalls;
    this.#recorder = context.truth.begin({
      streamId: streamId ?? '',
      seedKey: output.seedKey,
      api: 'realtime',
      transport: 'websocket',
      model,
      responseId,
      receivedNs: context.scheduler.now(),
    });
    this.#run = new AnswerRun({
      context,
      recorder: this.#recorder,
      plans: [plan],
      seedKey: output.seedKey,
      handlers: {
        // The session has said `response.created` already, as the API does for a queued response.
        onAdmitted: () => undefined,
        onPiece: (_plan, piece, dueNs) => sink.piece(piece, dueNs),
        onPlanEnd: () => undefined,
        onEnd: (dueNs) => sink.end(plan.finish, dueNs),
        onFate: (kind) => {
          if (kind === 'truncate') sink.cut();
          else sink.fail(failure);
        },
      },
    });
    this.#run.start();
  }

  sent(sendNs: number, dueNs: number, piece: Piece | undefined): void {
    const recorder = this.#recorder;
    const { kind, tokens = 0, text = '' } = piece ?? {};
    // Before the write: what earlier events have left. The bytes of the last one are not visible here.
    const unread = this.#unread();
    recorder.backPressure.beforeWrite(unread, sendNs);
    recorder.backPressure.afterWrite(unread, sendNs);
    recorder.event(recorder.nextIndex, kind, tokens, dueNs, sendNs, text);
  }

  toolCall(name: string, callId: string): void {
    this.#recorder.toolCall(name, callId);
  }

  finished(how: AnswerEnd): void {
    this.#run.finish(endings[how]);
  }

  left(why: LeaveReason): void {
    if (why === 'overflow') this.#run.finish('overflow');
    else this.#run.clientLeft();
  }
}

const failure = {
  type: 'server_error',
  code: 'server_error',
  message: 'The server had an error while processing your request. Sorry about that!',
};

/** A request that was refused: it is in no log, and its response fails as soon as it has begun. */
class RefusedAnswer implements RunningAnswer {
  readonly toolCalls: OutputPlan['toolCalls'] = [];
  readonly #refusal: Scheduled;

  constructor(context: MockContext, problem: ApiProblem, sink: AnswerSink) {
    const { scheduler, truth } = context;
    const { type, code, message } = problem;
    truth.refused(problem.status);
    this.#refusal = scheduler.at(scheduler.now(), () => sink.fail({ type, code, message }));
  }

  sent(): void {}
  toolCall(): void {}

  finished(): void {
    this.#refusal.cancel();
  }

  left(): void {
    this.#refusal.cancel();
  }
}

function startAnswer(
  context: MockContext,
  request: AnswerRequest,
  sink: AnswerSink,
): RunningAnswer {
  try {
    admitAnswer(context, request);
  } catch (thrown) {
    if (thrown instanceof ApiProblem) return new RefusedAnswer(context, thrown, sink);
    throw thrown;
  }
  return new HostedAnswer(context, request, sink);
}

/** Hexadecimal digits of an id: clients may send ids back, of at most 32 characters in all. */
const idDigits = 21;

/** Spoken input kept for all sessions together: some 70 minutes of PCM. */
const keptAudioChars = 256 * 1024 * 1024;

/** What sessions of this server stand on. */
export function createHost(context: MockContext): RealtimeHost {
  const { settings, scheduler, rateLimiter } = context;
  return {
    scheduler,
    wallMs: () => context.clock.wall(),
    msPerAudioToken: settings.audio.msPerToken,
    sessionLifetimeMs: settings.sessionLifetimeMs,
    audioKeeper: new AudioKeeper(keptAudioChars),
    newId: (prefix) => newId(prefix).slice(0, prefix.length + 1 + idDigits),
    answer: (request, sink) => startAnswer(context, request, sink),
    rateLimits: () =>
      rateLimiter.states(scheduler.now()).map(({ name, limit, remaining, resetMs }) => ({
        name,
        limit,
        remaining,
        reset_seconds: resetMs / 1000,
      })),
  };
}
