/**
 * `/v1/streams`: an event stream that is resumed by an offset into its text, as
 * vercel/resumable-stream and its like do. `POST` starts one, `GET /v1/streams/{id}?offset=N` sends
 * everything after the first N units in one piece, then what is to come.
 *
 * What a unit is decides whether text outside ASCII survives: JavaScript's string length counts
 * UTF-16 units, a log on disk counts bytes. The `start` event says which (`resume.offset_unit`).
 */
import { ApiProblem, badRequest } from '../../http/api-problem.ts';
import type { MockContext } from '../../http/context.ts';
import { bearerKey, checkKey, type Exchange } from '../../http/exchange.ts';
import type { Router } from '../../http/router.ts';
import { sseFollower } from '../../resume/sse-follower.ts';
import { eventsGone, StreamStore } from '../../resume/stream-store.ts';
import { startTextAnswer, type TextFormat, type TextStream } from '../../resume/text-answer.ts';
import { readTextRequest } from '../../resume/text-request.ts';
import { OffsetIndex, type OffsetUnit } from './offset-index.ts';

function block(event: object): string {
  return `data: ${JSON.stringify(event)}\n\n`;
}

function formatOf(offsetUnit: OffsetUnit): TextFormat {
  return {
    started: (streamId) => block({ type: 'start', streamId, offsetUnit }),
    delta: (kind, delta) =>
      block({ type: kind === 'content' ? 'text-delta' : 'reasoning-delta', delta }),
    done: ({ finish, inputTokens, outputTokens, reasoningTokens }) => [
      block({
        type: 'finish',
        finishReason: finish,
        usage: { inputTokens, outputTokens, reasoningTokens },
      }),
      'data: [DONE]\n\n',
    ],
    cancelled: () => block({ type: 'abort' }),
    error: () => block({ type: 'error', errorText: 'The server had an error' }),
  };
}

interface Kept {
  readonly answer: TextStream;
  readonly index: OffsetIndex;
  readonly isOver: boolean;
}

export function streamsApi(router: Router, context: MockContext): void {
  const { offsetUnit } = context.settings.resume;
  const bug = context.settings.resumeBug;
  const format = formatOf(offsetUnit);
  const store = new StreamStore<Kept>(context);

  router.register('POST', '/v1/streams', async (exchange) => {
    checkKey(context, bearerKey(exchange.request));
    const request = readTextRequest(await exchange.readJson(), exchange.streamId);
    startTextAnswer({
      context,
      request,
      streamId: exchange.streamId,
      receivedNs: exchange.receivedNs,
      api: 'streams',
      transport: 'sse',
      format,
      // An offset is off by one unit, not by one event.
      ...(bug === 'off_by_one' ? { protocolBug: bug } : {}),
      onAdmitted: (answer) => {
        const { stream, id } = answer;
        const index = new OffsetIndex(offsetUnit);
        store.put(id, {
          answer,
          index,
          get isOver() {
            return answer.isOver;
          },
        });
        stream.onEvent = (text) => index.add(text);
        if (exchange.response.destroyed) stream.recorder.clientLeft(context.scheduler.now());
        else stream.follow(sseFollower({ exchange, stream, headers: { 'x-stream-id': id } }));
      },
      onOver: ({ id }) => store.end(id),
    });
  });

  router.register('GET', '/v1/streams/:id', (exchange) => {
    checkKey(context, bearerKey(exchange.request));
    const id = exchange.params['id']!;
    resume(exchange, store.get(id), context);
  });

  router.register('DELETE', '/v1/streams/:id', (exchange) => {
    checkKey(context, bearerKey(exchange.request));
    store.get(exchange.params['id']!).answer.cancel();
    exchange.sendEmpty(204);
  });
}

function resume(exchange: Exchange, { answer, index }: Kept, context: MockContext): void {
  const { stream, id, request } = answer;
  const text = exchange.query.get('offset') ?? '0';
  if (!/^\d{1,15}$/.test(text)) {
    throw badRequest(`Invalid 'offset': '${text}' is not a count of ${index.unit}.`, 'offset');
  }
  const bug = context.settings.resumeBug;
  const offset = Number(text) + (bug === 'off_by_one' && Number(text) > 0 ? 1 : 0);
  if (offset > index.length + 1) {
    throw new ApiProblem({
      status: 416,
      code: 'offset_unknown',
      param: 'offset',
      message: `Stream '${id}' is ${index.length} ${index.unit} long so far.`,
    });
  }
  const { after, skip } = index.find(offset);
  const place = stream.log.placeOf(after);
  if (place === 'forgotten') throw eventsGone(id, stream.log.oldest);
  if (place === 'nothing_left') {
    exchange.sendEmpty(204);
    return;
  }
  const recorder = context.truth.begin({
    streamId: exchange.streamId,
    seedKey: request.output.seedKey,
    api: 'streams',
    transport: 'sse',
    model: request.model,
    responseId: id,
    receivedNs: exchange.receivedNs,
    resumedAfter: after,
  });
  recorder.admitted(context.scheduler.now(), 1);
  const follower = sseFollower({
    exchange,
    stream,
    recorder,
    headers: { 'x-stream-id': id },
    joined: true,
    ...(skip > 0 ? { skip: (event: string) => index.rest(event, skip) } : {}),
  });
  stream.resume(after, follower);
}
