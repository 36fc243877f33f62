import { badRequest } from '../../http/api-problem.ts';
import { optionalString, type Body } from '../../http/body-fields.ts';
import { newId, type MockContext } from '../../http/context.ts';
import { bearerKey, checkKey, type Exchange } from '../../http/exchange.ts';
import { admitAndPlan } from '../../http/plan-answer.ts';
import type { RouteHandler, Router } from '../../http/router.ts';
import type { StreamRecorder } from '../../truth/stream-recorder.ts';
import { BackgroundResponse } from './background.ts';
import { answerResponse, streamResponse } from './foreground.ts';
import { readResponsesRequest, type ResponsesRequest } from './request.ts';
import {
  chainOf,
  previousNotFound,
  responseNotFound,
  ResponseStore,
  type StoredResponse,
} from './store.ts';
import { registerResponsesSocket } from './websocket.ts';

function begin(
  exchange: Exchange,
  request: ResponsesRequest,
  id: string,
  streams: boolean,
  resumedAfter?: number,
): StreamRecorder {
  return exchange.context.truth.begin({
    streamId: exchange.streamId,
    seedKey: request.output.seedKey,
    api: 'responses',
    transport: streams ? 'sse' : 'http',
    model: request.model,
    responseId: id,
    receivedNs: exchange.receivedNs,
    ...(resumedAfter === undefined ? {} : { resumedAfter }),
  });
}

function readCreate(exchange: Exchange, store: ResponseStore, body: Body): ResponsesRequest {
  if (body['stream_id'] !== undefined) {
    throw badRequest("Unknown parameter: 'stream_id'.", 'stream_id', 'unknown_parameter');
  }
  const previousId = optionalString(body, 'previous_response_id');
  const previous = previousId === undefined ? undefined : store.get(previousId);
  if (previousId !== undefined && !previous) throw previousNotFound(previousId);
  const request = readResponsesRequest(body, exchange.streamId, previous && chainOf(previous));
  request.obfuscation &&= exchange.context.settings.obfuscation;
  return request;
}

async function create(exchange: Exchange, store: ResponseStore): Promise<void> {
  const { context } = exchange;
  checkKey(context, bearerKey(exchange.request));
  const request = readCreate(exchange, store, await exchange.readJson());
  const [plan] = admitAndPlan(exchange, request);
  const id = newId('resp');
  const recorder = begin(exchange, request, id, request.stream);
  if (request.background) {
    const background = new BackgroundResponse({ context, request, plan, recorder, id });
    store.put(id, { request, background, current: () => background.response });
    if (request.stream) {
      background.start();
      background.follow(exchange);
    } else {
      background.start();
      exchange.sendJson(200, background.response);
    }
    return;
  }
  const answer = request.stream ? streamResponse : answerResponse;
  answer({
    exchange,
    request,
    plan,
    recorder,
    id,
    onDone: (response) => {
      if (request.store) store.put(id, { request, current: () => response });
    },
  });
}

function retrieve(exchange: Exchange, stored: StoredResponse): void {
  if (exchange.query.get('stream') !== 'true') {
    exchange.sendJson(200, stored.current());
    return;
  }
  if (!stored.background || !stored.request.stream) {
    throw badRequest(
      'This response cannot be streamed: it was not created with background=true and stream=true.',
      'stream',
    );
  }
  const text = exchange.query.get('starting_after');
  const startingAfter = text === null ? -1 : Number(text);
  if (text === '' || !Number.isInteger(startingAfter)) {
    throw badRequest("Invalid 'starting_after': expected an integer.", 'starting_after');
  }
  const { id } = stored.current();
  stored.background.resume(exchange, startingAfter, () => {
    const recorder = begin(exchange, stored.request, id, true, startingAfter);
    recorder.admitted(exchange.context.scheduler.now(), 1);
    return recorder;
  });
}

function inputItems(exchange: Exchange, stored: StoredResponse): void {
  const items = stored.request.input.map((item, index) => ({
    id: `${item['type'] === 'message' ? 'msg' : 'item'}_${stored.current().id.slice(5)}${index}`,
    ...item,
  }));
  const data = exchange.query.get('order') === 'asc' ? items : items.toReversed();
  exchange.sendJson(200, {
    object: 'list',
    data,
    first_id: data[0]?.id ?? null,
    last_id: data.at(-1)?.id ?? null,
    has_more: false,
  });
}

/** `POST /v1/responses`, its relatives by id, and the same path upgraded to a WebSocket. */
export function responsesApi(router: Router, context: MockContext): void {
  const store = new ResponseStore(context);
  const byId =
    (handler: (exchange: Exchange, stored: StoredResponse, id: string) => void): RouteHandler =>
    (exchange) => {
      checkKey(context, bearerKey(exchange.request));
      const id = exchange.params['id']!;
      const stored = store.get(id);
      if (!stored) throw responseNotFound(id);
      handler(exchange, stored, id);
    };
  router.register('POST', '/v1/responses', (exchange) => create(exchange, store));
  router.register('GET', '/v1/responses/:id', byId(retrieve));
  router.register('GET', '/v1/responses/:id/input_items', byId(inputItems));
  router.register(
    'DELETE',
    '/v1/responses/:id',
    byId((exchange, stored, id) => {
      stored.background?.cancel();
      store.delete(id);
      exchange.sendJson(200, { id, object: 'response', deleted: true });
    }),
  );
  router.register(
    'POST',
    '/v1/responses/:id/cancel',
    byId((exchange, stored) => {
      if (!stored.background) {
        throw badRequest('Cannot cancel a synchronous response.', 'response_id');
      }
      stored.background.cancel();
      exchange.sendJson(200, stored.current());
    }),
  );
  registerResponsesSocket(router, context, store);
}
