/**
 * `/v1/stream-chat`: a chat over WebSocket with numbered events, as home-made chat servers have it.
 * One JSON object in each text message.
 *
 * From the client: `ask` (model, messages, instructions, max_tokens), `resume` (stream, after),
 * `cancel` (stream), `ping`, `pong`. From the server: `started` (stream), `delta` and `reasoning`
 * (text), `done` (status, usage), `error`, each with `seq`, which counts the events of a stream from
 * 0; and without `seq`, because they are not events: `resumed`, `overflow`, `ended`
 * (there is nothing after that place), `ping`, `pong`, and refusals (`error`).
 *
 * A stream continues when its connection does not. Its last `resume.buffer` events are kept; a client that
 * asks for older ones is told so (`overflow`, with the oldest that is left) and gets nothing that
 * could be taken for the rest.
 */
import type { Duplex } from 'node:stream';
import type { RawData, WebSocket } from 'ws';
import type { Scheduled } from '../../../src/timer/scheduler.ts';
import { ApiProblem, badRequest } from '../../http/api-problem.ts';
import { isObject, optionalNumber, requiredString, type Body } from '../../http/body-fields.ts';
import type { MockContext } from '../../http/context.ts';
import {
  readJsonMessage,
  registerJsonSocket,
  type JsonSocketSession,
  type OpenedSocket,
} from '../../http/json-socket.ts';
import type { Router } from '../../http/router.ts';
import { writeTextFrame } from '../../http/text-frame.ts';
import type { ReplayFollower } from '../../resume/replay-log.ts';
import type { LoggedEvent } from '../../resume/resumable-stream.ts';
import { StreamStore } from '../../resume/stream-store.ts';
import { startTextAnswer, type TextFormat, type TextStream } from '../../resume/text-answer.ts';
import { readTextRequest } from '../../resume/text-request.ts';
import type { StreamRecorder } from '../../truth/stream-recorder.ts';

/** A client that leaves more than this unread is cut off, bytes. */
const unreadLimit = 16 * 1024 ** 2;

/** Events as JSON without the closing brace, so that a stamp can be added. */
const open = (event: object): string => JSON.stringify(event).slice(0, -1);

const format: TextFormat = {
  started: (stream, seq) => open({ type: 'started', stream, seq }),
  delta: (kind, text, seq) => open({ type: kind === 'content' ? 'delta' : 'reasoning', seq, text }),
  done: ({ finish, inputTokens, outputTokens, reasoningTokens }, seq) => [
    open({
      type: 'done',
      seq,
      status: finish === 'length' ? 'incomplete' : 'completed',
      usage: {
        input_tokens: inputTokens,
        output_tokens: outputTokens,
        output_tokens_details: { reasoning_tokens: reasoningTokens },
      },
    }),
  ],
  cancelled: (seq) => open({ type: 'done', seq, status: 'cancelled' }),
  error: (seq) =>
    open({ type: 'error', seq, code: 'server_error', message: 'The server had an error' }),
};

export function streamChatApi(router: Router, context: MockContext): void {
  const store = new StreamStore<TextStream>(context);
  registerJsonSocket(
    router,
    context,
    '/v1/stream-chat',
    (opened) => new ChatSocket(context, store, opened),
  );
}

class ChatSocket implements JsonSocketSession {
  private readonly context: MockContext;
  private readonly store: StreamStore<TextStream>;
  private readonly ws: WebSocket;
  private readonly socket: Duplex;
  private readonly truth: boolean;
  /** What this connection follows, each with what to call to stop following it. */
  private readonly following = new Set<() => void>();
  private ping: Scheduled | undefined;

  constructor(
    context: MockContext,
    store: StreamStore<TextStream>,
    { ws, socket, truth }: OpenedSocket,
  ) {
    this.context = context;
    this.store = store;
    this.ws = ws;
    this.socket = socket;
    this.truth = truth;
    this.armPing();
  }

  message(data: RawData, isBinary: boolean): void {
    const receivedNs = this.context.scheduler.now();
    try {
      const body = readJsonMessage(data, isBinary);
      const type = requiredString(body, 'type');
      if (type === 'ask') this.ask(body, receivedNs);
      else if (type === 'resume') this.resume(body, receivedNs);
      else if (type === 'cancel') this.store.get(requiredString(body, 'stream')).cancel();
      else if (type === 'ping') this.send('{"type":"pong"}');
      else if (type !== 'pong') throw badRequest(`Unknown type '${type}'.`, 'type');
    } catch (error) {
      this.refuse(error);
    }
  }

  closed(): void {
    this.ping?.cancel();
    for (const letGo of this.following) letGo();
  }

  private ask(body: Body, receivedNs: number): void {
    const streamId = nameIn(body);
    startTextAnswer({
      context: this.context,
      request: readTextRequest(body, streamId),
      streamId,
      receivedNs,
      api: 'stream_chat',
      transport: 'websocket',
      format,
      onAdmitted: (answer) => {
        this.store.put(answer.id, answer);
        answer.stream.follow(this.follower(answer));
      },
      onOver: ({ id }) => this.store.end(id),
    });
  }

  private resume(body: Body, receivedNs: number): void {
    const answer = this.store.get(requiredString(body, 'stream'));
    const { id, stream, request } = answer;
    const after = optionalNumber(body, 'after', { low: -1, high: 1e15, integer: true }) ?? -1;
    const { log } = stream;
    if (after >= log.next) throw badRequest(`Stream '${id}' has no event ${after} yet.`, 'after');
    const place = log.placeOf(after);
    if (place === 'forgotten') {
      this.send(JSON.stringify({ type: 'overflow', stream: id, after, oldest: log.oldest }));
      return;
    }
    if (place === 'nothing_left') {
      this.send(JSON.stringify({ type: 'ended', stream: id, after }));
      return;
    }
    this.send(JSON.stringify({ type: 'resumed', stream: id, after }));
    const recorder = this.context.truth.begin({
      streamId: nameIn(body),
      seedKey: request.output.seedKey,
      api: 'stream_chat',
      transport: 'websocket',
      model: request.model,
      responseId: id,
      receivedNs,
      resumedAfter: after,
    });
    recorder.admitted(this.context.scheduler.now(), 1);
    stream.resume(after, this.follower(answer, recorder));
  }

  private follower({ stream }: TextStream, recorder?: StreamRecorder): ReplayFollower<LoggedEvent> {
    const { scheduler } = this.context;
    const letGo = (): void => {
      this.following.delete(letGo);
      stream.leave(follower);
      recorder?.clientLeft(scheduler.now());
      recorder?.ended('client_left', scheduler.now());
    };
    const follower: ReplayFollower<LoggedEvent> = {
      replay: (events) => {
        for (const event of events) follower.live(event);
      },
      live: ({ n, text, kind, tokens, dueNs, piece }) => {
        const sentNs = this.context.scheduler.now();
        const stamp = this.truth ? `,"x_streamgauge":{"n":${n},"t":${Math.round(sentNs)}}` : '';
        this.send(`${text}${stamp}}`);
        recorder?.event(n, kind, tokens, dueNs, sentNs, piece);
        if (this.socket.writableLength > unreadLimit) this.ws.terminate();
      },
      end: () => {
        this.following.delete(letGo);
        recorder?.ended('completed', scheduler.now());
      },
      cut: () => this.ws.terminate(),
    };
    this.following.add(letGo);
    return follower;
  }

  private armPing(): void {
    const { scheduler, settings } = this.context;
    this.ping = scheduler.at(scheduler.now() + settings.resume.pingMs * 1e6, () => {
      this.send('{"type":"ping"}');
      this.armPing();
    });
  }

  private refuse(error: unknown): void {
    const problem =
      error instanceof ApiProblem
        ? error
        : new ApiProblem({ status: 500, message: 'The server had an error' });
    this.context.truth.refused(problem.status);
    const { code, message } = problem;
    this.send(JSON.stringify({ type: 'error', code: code ?? problem.type, message }));
  }

  private send(text: string): void {
    if (this.ws.readyState === this.ws.OPEN) writeTextFrame(this.socket, text);
  }
}

function nameIn(body: Body): string {
  const named = body['x_streamgauge'];
  return isObject(named) && typeof named['stream'] === 'string' ? named['stream'] : '';
}
