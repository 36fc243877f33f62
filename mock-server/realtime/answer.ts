/** Produces a session's answers: planned, admitted, paced and logged like those of every other API. */
import { admit, drawFate, type StreamFate } from '../http/admission.ts';
import { ApiProblem, overloaded } from '../http/api-problem.ts';
import { newId, type MockContext } from '../http/context.ts';
import type { Lease, Ticket } from '../timing/capacity.ts';
import type { OutputPlan, Piece } from '../timing/output-plan.ts';
import { planOutput } from '../timing/plan-output.ts';
import { Player } from '../timing/player.ts';
import type { Scheduled } from '../timing/scheduler.ts';
import type { StreamRecorder } from '../truth/stream-recorder.ts';
import type { StreamEnd } from '../truth/stream-truth.ts';
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

class Answer implements RunningAnswer {
  readonly #context: MockContext;
  readonly #request: AnswerRequest;
  readonly #sink: AnswerSink;
  /** Undefined for a request that was refused: it never became a stream. */
  #recorder: StreamRecorder | undefined;
  #ticket: Ticket | undefined;
  #lease: Lease | undefined;
  #player: Player | undefined;
  #refusal: Scheduled | undefined;
  #plan: OutputPlan | undefined;
  #fate: StreamFate = { kind: 'fine', pieces: Infinity };
  #produced = 0;
  #leftAs: LeaveReason | undefined;

  constructor(context: MockContext, request: AnswerRequest, sink: AnswerSink) {
    this.#context = context;
    this.#request = request;
    this.#sink = sink;
    const receivedNs = context.scheduler.now();
    const { seedKey, inputTokens, maxTokens } = request.output;
    const tokens = inputTokens + (maxTokens ?? 0);
    try {
      admit(context, { seedKey, attempt: 0, model: request.model, tokens });
      this.#enter(receivedNs);
    } catch (thrown) {
      if (!(thrown instanceof ApiProblem)) throw thrown;
      this.#refuse(thrown);
    }
  }

  #enter(receivedNs: number): void {
    const { capacity, truth } = this.#context;
    const { streamId, model, responseId, output } = this.#request;
    // Where a slot is free the lease comes at once, before the stream has been begun.
    let leased: Lease | undefined;
    this.#ticket = capacity.enter((lease) => {
      if (this.#recorder) this.#start(lease, this.#recorder);
      else leased = lease;
    });
    if (!this.#ticket) throw overloaded();
    this.#recorder = truth.begin({
      streamId: streamId ?? '',
      seedKey: output.seedKey,
      api: 'realtime',
      transport: 'websocket',
      model,
      responseId,
      receivedNs,
    });
    if (leased) this.#start(leased, this.#recorder);
  }

  get toolCalls(): OutputPlan['toolCalls'] {
    return this.#plan?.toolCalls ?? [];
  }

  sent(sendNs: number, dueNs: number, piece: Piece | undefined): void {
    const recorder = this.#recorder;
    recorder?.event(
      recorder.nextIndex,
      piece?.kind,
      piece?.tokens ?? 0,
      dueNs,
      sendNs,
      piece?.text ?? '',
    );
  }

  toolCall(name: string, callId: string): void {
    this.#recorder?.toolCall(name, callId);
  }

  stop(): void {
    this.#ticket?.leave();
    this.#refusal?.cancel();
    this.#player?.stop();
    this.#lease?.release();
  }

  finished(how: AnswerEnd): void {
    this.stop();
    this.#recorder?.ended(endings[how], this.#context.scheduler.now());
  }

  left(why: LeaveReason): void {
    if (this.#leftAs) return;
    if (!this.#recorder?.running) {
      this.stop();
      return;
    }
    const { scheduler, settings } = this.#context;
    const now = scheduler.now();
    this.#leftAs = why;
    this.#recorder.clientLeft(now);
    if (this.#player && settings.stopDelayMs > 0) {
      scheduler.at(now + settings.stopDelayMs * 1e6, () => this.#abandon());
    } else {
      this.#abandon();
    }
  }

  #start(lease: Lease, recorder: StreamRecorder): void {
    const { scheduler, settings } = this.#context;
    const { output } = this.#request;
    const startNs = scheduler.now();
    this.#lease = lease;
    recorder.admitted(startNs, lease.stretch);
    const plan = planOutput(settings, output);
    this.#plan = plan;
    this.#fate = drawFate(this.#context, output.seedKey, plan.pieces.length);
    this.#player = new Player({
      scheduler,
      plan,
      startNs,
      stretch: lease.stretch,
      onPiece: (piece, dueNs) => this.#onPiece(piece, dueNs),
      onEnd: (dueNs) => {
        if (this.#leftAs) this.#abandon();
        else this.#sink.end(plan.finish, dueNs);
      },
    });
  }

  #onPiece(piece: Piece, dueNs: number): void {
    if (this.#leftAs) {
      this.#recorder?.producedAfterLeft(piece.tokens);
      return;
    }
    this.#produced += 1;
    this.#sink.piece(piece, dueNs);
    if (this.#fate.kind === 'fine' || this.#produced < this.#fate.pieces) return;
    this.stop();
    if (this.#fate.kind === 'truncate') {
      this.#sink.cut();
      return;
    }
    this.#sink.fail({
      type: 'server_error',
      code: 'server_error',
      message: 'The server had an error while processing your request. Sorry about that!',
    });
  }

  /** Told to the session later, because it does not have this answer yet. */
  #refuse(problem: ApiProblem): void {
    const { scheduler, truth } = this.#context;
    truth.refused(problem.status);
    this.#refusal = scheduler.at(scheduler.now(), () => {
      const { type, code, message } = problem;
      this.#sink.fail({ type, code, message });
    });
  }

  #abandon(): void {
    const { closing, scheduler } = this.#context;
    this.stop();
    this.#recorder?.ended(closing ? 'aborted' : this.#leftAs!, scheduler.now());
  }
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
    wallMs: () => Date.now(),
    msPerAudioToken: settings.audio.msPerToken,
    sessionLifetimeMs: settings.sessionLifetimeMs,
    audioKeeper: new AudioKeeper(keptAudioChars),
    newId: (prefix) => newId(prefix).slice(0, prefix.length + 1 + idDigits),
    answer: (request, sink) => new Answer(context, request, sink),
    rateLimits: () =>
      rateLimiter.states(scheduler.now()).map(({ name, limit, remaining, resetMs }) => ({
        name,
        limit,
        remaining,
        reset_seconds: resetMs / 1000,
      })),
  };
}
