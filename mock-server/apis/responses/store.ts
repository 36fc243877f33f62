import { ApiProblem } from '../../http/api-problem.ts';
import type { MockContext } from '../../http/context.ts';
import type { BackgroundResponse } from './background.ts';
import type { Chain, ResponsesRequest } from './request.ts';
import type { OutputItem, ResponseObject } from './response-object.ts';

/** A response that can be retrieved or chained from. */
export interface StoredResponse {
  request: ResponsesRequest;
  /** As it stands now: a background response still changes. */
  current(): ResponseObject;
  /** Present where it was created with `background: true`. */
  background?: BackgroundResponse;
}

/** How many are kept at most, whatever their age. */
const mostResponses = 20_000;

function callIds(output: readonly OutputItem[]): string[] {
  return output
    .filter((item) => item['type'] === 'function_call')
    .map((item) => String(item['call_id']));
}

/** What a next turn needs to know of a response. */
export function chainOf(stored: StoredResponse): Chain {
  const response = stored.current();
  const usage = response['usage'] as { total_tokens: number } | null;
  return {
    id: response.id,
    tokens: usage?.total_tokens ?? stored.request.output.inputTokens,
    items: stored.request.contextItems + response.output.length,
    callIds: callIds(response.output),
  };
}

export function responseNotFound(id: string): ApiProblem {
  return new ApiProblem({
    status: 404,
    message: `Response with id '${id}' not found.`,
    code: null,
  });
}

export function previousNotFound(id: string): ApiProblem {
  return new ApiProblem({
    status: 400,
    message: `Previous response with id '${id}' not found.`,
    code: 'previous_response_not_found',
    param: 'previous_response_id',
  });
}

/** Responses of all connections, for `keep_responses` after they were stored. */
export class ResponseStore {
  private readonly context: MockContext;
  private readonly kept = new Map<string, { stored: StoredResponse; untilNs: number }>();

  constructor(context: MockContext) {
    this.context = context;
  }

  put(id: string, stored: StoredResponse): void {
    const untilNs = this.context.scheduler.now() + this.context.settings.keepResponsesMs * 1e6;
    this.kept.set(id, { stored, untilNs });
    // The map is in order of age, so that only its oldest entries need a look.
    for (const [oldest, { untilNs: end }] of this.kept) {
      if (this.kept.size <= mostResponses && end > this.context.scheduler.now()) break;
      this.kept.delete(oldest);
    }
  }

  get(id: string): StoredResponse | undefined {
    const entry = this.kept.get(id);
    if (!entry) return undefined;
    if (entry.untilNs > this.context.scheduler.now()) return entry.stored;
    this.kept.delete(id);
    return undefined;
  }

  delete(id: string): boolean {
    return this.kept.delete(id);
  }
}
