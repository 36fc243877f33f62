/** The Responses API over WebSocket: the events of the SSE stream, one per text message. */
import type { Duplex } from 'node:stream';
import type { RawData, WebSocket } from 'ws';
import { admitAnswer } from '../../http/admission.ts';
import { AnswerRun } from '../../http/answer-run.ts';
import { ApiProblem, badRequest } from '../../http/api-problem.ts';
import { isObject, optionalString, type Body } from '../../http/body-fields.ts';
import { newId, unixSeconds, type MockContext } from '../../http/context.ts';
import {
  readJsonMessage,
  registerJsonSocket,
  type JsonSocketSession,
  type OpenedSocket,
} from '../../http/json-socket.ts';
import type { Router } from '../../http/router.ts';
import { writeTextFrame } from '../../http/text-frame.ts';
import { planOutput } from '../../timing/plan-output.ts';
import type { Scheduled } from '../../../src/timer/scheduler.ts';
import type { BackPressure } from '../../truth/back-pressure.ts';
import { ResponseGenerator, type ResponseEvent } from './event-generator.ts';
import { Lanes, type Lane } from './lanes.ts';
import { readResponsesRequest } from './request.ts';
import { chainOf, previousNotFound, type ResponseStore, type StoredResponse } from './store.ts';

/** A client that leaves more than this unread is cut off, bytes. */
const unreadLimit = 16 * 1024 ** 2;

/** One message to come: what the client sent and when. */
interface Asked {
  body: Body;
  lane: Lane<StoredResponse>;
  receivedNs: number;
}

export function registerResponsesSocket(
  router: Router,
  context: MockContext,
  store: ResponseStore,
): void {
  registerJsonSocket(
    router,
    context,
    '/v1/responses',
    (opened) => new ResponsesSocket(context, store, opened),
  );
}

class ResponsesSocket implements JsonSocketSession {
  private readonly context: MockContext;
  private readonly store: ResponseStore;
  private readonly ws: WebSocket;
  private readonly socket: Duplex;
  private readonly truth: boolean;
  private readonly lanes: Lanes<StoredResponse>;
  private readonly runs = new Set<AnswerRun>();
  private readonly lifetime: Scheduled;
  private gone = false;

  constructor(context: MockContext, store: ResponseStore, { ws, socket, truth }: OpenedSocket) {
    this.context = context;
    this.store = store;
    this.ws = ws;
    this.socket = socket;
    this.truth = truth;
    this.lanes = new Lanes(context.settings.lanes);
    const endNs = context.scheduler.now() + context.settings.sessionLifetimeMs * 1e6;
    this.lifetime = context.scheduler.at(endNs, () => this.expire());
  }

  message(data: RawData, isBinary: boolean): void {
    const receivedNs = this.context.scheduler.now();
    let lane: Lane<StoredResponse> | undefined;
    try {
      const body = readJsonMessage(data, isBinary);
      const { type } = body;
      if (type !== 'response.create') {
        throw badRequest(
          `Invalid value: ${JSON.stringify(type ?? null)}. Supported values are: 'response.create'.`,
          'type',
          type === undefined ? 'missing_required_parameter' : 'invalid_value',
        );
      }
      lane = this.lanes.lane(body['stream_id']);
      const asked: Asked = { body, lane, receivedNs };
      this.lanes.run(lane, (done) => this.create(asked, done));
    } catch (error) {
      this.refuse(error, lane?.name ?? '');
    }
  }

  closed(): void {
    this.gone = true;
    this.lifetime.cancel();
    for (const run of this.runs) run.clientLeft();
  }

  private expire(): void {
    const minutes = Math.round(this.context.settings.sessionLifetimeMs / 60_000);
    this.refuse(
      badRequest(
        `Responses websocket connection limit reached (${minutes} minutes). Create a new websocket connection to continue.`,
        null,
        'websocket_connection_limit_reached',
      ),
      '',
    );
    this.ws.close(1001, 'connection limit reached');
  }

  private create(asked: Asked, done: () => void): void {
    if (this.gone) {
      done();
      return;
    }
    try {
      this.answer(asked, done);
    } catch (error) {
      const { lane, body } = asked;
      // A continuation that fails takes its parent out of the connection's cache.
      if (lane.latest && body['previous_response_id'] === lane.latest.current().id) {
        lane.latest = undefined;
      }
      this.refuse(error, lane.name);
      done();
    }
  }

  private previous(id: string): StoredResponse {
    const found = this.lanes.find((cached) => cached.current().id === id) ?? this.store.get(id);
    if (!found) throw previousNotFound(id);
    return found;
  }

  private answer(asked: Asked, done: () => void): void {
    const { context } = this;
    const { body, lane, receivedNs } = asked;
    if (body['background'] === true) {
      throw badRequest(
        "Unsupported parameter: 'background'.",
        'background',
        'unsupported_parameter',
      );
    }
    const named = body['x_streamgauge'];
    const streamId = isObject(named) && typeof named['stream'] === 'string' ? named['stream'] : '';
    const previousId = optionalString(body, 'previous_response_id');
    const previous = previousId === undefined ? undefined : this.previous(previousId);
    const request = readResponsesRequest(body, streamId, previous && chainOf(previous));
    request.obfuscation &&= context.settings.obfuscation;
    const { output, model } = request;
    admitAnswer(context, { model, output, streamId });
    const plan = request.generate
      ? planOutput(context.settings, output)
      : {
          pieces: [],
          endMs: 0,
          inputTokens: output.inputTokens,
          reasoningTokens: 0,
          outputTokens: 0,
          toolCalls: [],
          finish: 'stop' as const,
        };
    const id = newId('resp');
    const recorder = context.truth.begin({
      streamId,
      seedKey: output.seedKey,
      api: 'responses',
      transport: 'websocket',
      model,
      responseId: id,
      receivedNs,
    });
    const lanePart = lane.name === '' ? '' : `,"stream_id":${JSON.stringify(lane.name)}`;
    const emit = (event: ResponseEvent): void => {
      const sentNs = this.send(event, lanePart, recorder.backPressure);
      const { piece } = event;
      const dueNs = event.dueNs ?? sentNs;
      recorder.event(event.n, piece?.kind, piece?.tokens ?? 0, dueNs, sentNs, piece?.text);
    };
    const generator = new ResponseGenerator({
      id,
      unixSeconds: () => unixSeconds(context),
      request,
      plan,
      emit,
      onToolCall: (name, callId) => recorder.toolCall(name, callId),
    });
    const over = (): void => {
      this.runs.delete(run);
      // After the run has given its slot back, which it does when its handler returns.
      queueMicrotask(done);
    };
    const run: AnswerRun = new AnswerRun({
      context,
      recorder,
      plans: [plan],
      seedKey: output.seedKey,
      handlers: {
        onAdmitted: () => {
          generator.created();
          generator.inProgress();
        },
        onPiece: (_plan, piece, dueNs) => {
          generator.piece(piece, dueNs);
          this.checkUnread(run);
        },
        onPlanEnd: () => undefined,
        onEnd: (dueNs) => {
          generator.finish(dueNs);
          const response = generator.response;
          lane.latest = { request, current: () => response };
          if (request.store) this.store.put(id, lane.latest);
          // The next turn of the lane may start; this one has said its last word.
          over();
        },
        onFate: (kind) => {
          if (kind === 'truncate') {
            this.ws.terminate();
            return;
          }
          generator.fail();
          lane.latest = undefined;
          over();
        },
      },
    });
    this.runs.add(run);
    run.start();
  }

  /** @returns when it was written, monotonic ns. */
  private send(event: ResponseEvent, lanePart: string, pressure: BackPressure): number {
    const sentNs = this.context.scheduler.now();
    if (this.ws.readyState !== this.ws.OPEN) return sentNs;
    const stamp = this.truth ? `,"x_streamgauge":{"n":${event.n},"t":${Math.round(sentNs)}}` : '';
    pressure.beforeWrite(this.socket.writableLength, sentNs);
    writeTextFrame(this.socket, `${event.open}${lanePart}${stamp}}`);
    pressure.afterWrite(this.socket.writableLength, sentNs);
    return sentNs;
  }

  private checkUnread(run: AnswerRun): void {
    if (this.socket.writableLength <= unreadLimit) return;
    run.finish('overflow');
    this.ws.terminate();
  }

  private refuse(error: unknown, laneName: string): void {
    const problem =
      error instanceof ApiProblem
        ? error
        : new ApiProblem({ status: 500, message: 'The server had an error' });
    this.context.truth.refused(problem.status);
    if (this.ws.readyState !== this.ws.OPEN) return;
    const hasHeaders = Object.keys(problem.headers).length > 0;
    const message = {
      type: 'error',
      status: problem.status,
      ...(laneName !== '' && { stream_id: laneName }),
      error: { ...problem.error, ...(hasHeaders && { headers: problem.headers }) },
    };
    writeTextFrame(this.socket, JSON.stringify(message));
  }
}
