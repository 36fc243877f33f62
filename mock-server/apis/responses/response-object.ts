import type { OutputPlan } from '../../timing/output-plan.ts';
import type { ResponsesRequest } from './request.ts';

export type ResponseStatus =
  | 'queued'
  | 'in_progress'
  | 'completed'
  | 'failed'
  | 'incomplete'
  | 'cancelled';

/** An entry of `output`, as it is on the wire. */
export type OutputItem = Readonly<Record<string, unknown>>;

export interface ResponseObject extends Readonly<Record<string, unknown>> {
  id: string;
  status: ResponseStatus;
  output: readonly OutputItem[];
}

export interface ResponseState {
  status: ResponseStatus;
  output: readonly OutputItem[];
  /** Set once it has ended well or was cut. */
  usageOf?: OutputPlan;
  completedAt?: number;
  error?: { code: string; message: string };
  incompleteReason?: string;
}

function usage(plan: OutputPlan): Record<string, unknown> {
  return {
    input_tokens: plan.inputTokens,
    input_tokens_details: { cached_tokens: 0 },
    output_tokens: plan.outputTokens,
    output_tokens_details: { reasoning_tokens: plan.reasoningTokens },
    total_tokens: plan.inputTokens + plan.outputTokens,
  };
}

/** @param createdAt - Unix seconds. */
export function responseObject(
  id: string,
  createdAt: number,
  request: ResponsesRequest,
  state: ResponseState,
): ResponseObject {
  return {
    id,
    object: 'response',
    created_at: createdAt,
    status: state.status,
    completed_at: state.completedAt ?? null,
    error: state.error ?? null,
    incomplete_details:
      state.incompleteReason === undefined ? null : { reason: state.incompleteReason },
    ...request.echo,
    output: state.output,
    usage: state.usageOf ? usage(state.usageOf) : null,
  };
}
