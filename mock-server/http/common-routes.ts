import { once } from 'node:events';
import { collectStats } from './stats.ts';
import { badRequest, modelNotFound } from './api-problem.ts';
import type { MockContext } from './context.ts';
import { checkKey, bearerKey, type Exchange } from './exchange.ts';
import type { Router } from './router.ts';

/** Listed by `/v1/models` where the user named none; any other name works as well. */
const listedModels = ['gpt-5.4', 'gpt-5.4-mini', 'gpt-realtime'];

function modelObject(id: string): Record<string, unknown> {
  return { id, object: 'model', created: 1_735_689_600, owned_by: 'system' };
}

function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}

/** `since`, a number of a stream; streams after it are asked for. */
function sinceOf(exchange: Exchange): number {
  const since = Number(exchange.query.get('since') ?? 0);
  if (!Number.isFinite(since)) throw badRequest("'since' must be a number.", 'since');
  return since;
}

/** The log can be larger than a string may be; it goes out stream by stream. */
async function sendLog(context: MockContext, exchange: Exchange): Promise<void> {
  const since = sinceOf(exchange);
  const { response } = exchange;
  response.writeHead(200, { 'content-type': 'application/json', ...exchange.baseHeaders() });
  let separator = '[';
  for (const stream of context.truth.streams(since)) {
    if (response.destroyed) return;
    if (!response.write(`${separator}${JSON.stringify(stream)}`)) {
      await Promise.race([once(response, 'drain'), once(response, 'close')]);
    }
    separator = ',\n';
  }
  response.end(separator === '[' ? '[]' : ']');
}

/** `/stats`, `/log`, `/stops` and `/v1/models`. */
export function registerCommon(router: Router, context: MockContext, startedNs: number): void {
  router.register('GET', '/stats', (exchange) =>
    exchange.sendJson(200, collectStats(context, startedNs)),
  );
  router.register('GET', '/log', (exchange) => sendLog(context, exchange));
  router.register('GET', '/stops', (exchange) =>
    exchange.sendJson(200, context.truth.stops(sinceOf(exchange))),
  );
  router.register('GET', '/v1/models', (exchange) => {
    checkKey(context, bearerKey(exchange.request));
    const models = context.settings.models ?? listedModels;
    exchange.sendJson(200, { object: 'list', data: models.map(modelObject) });
  });
  router.register('GET', '/v1/models/:model', (exchange) => {
    checkKey(context, bearerKey(exchange.request));
    const id = decoded(exchange.params['model']!);
    const { models } = context.settings;
    if (models && !models.includes(id)) throw modelNotFound(id);
    exchange.sendJson(200, modelObject(id));
  });
}
