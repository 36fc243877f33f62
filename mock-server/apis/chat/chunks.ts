import { obfuscationMember } from '../../http/obfuscation.ts';
import type { OutputPlan, Piece } from '../../timing/output-plan.ts';
import { chatAnnotationOf, type Citation } from '../../timing/sources.ts';
import type { ChatRequest } from './request.ts';

export interface ChatUsage {
  prompt_tokens: number;
  completion_tokens: number;
  total_tokens: number;
  prompt_tokens_details: { cached_tokens: number; audio_tokens: number };
  completion_tokens_details: {
    reasoning_tokens: number;
    audio_tokens: number;
    accepted_prediction_tokens: number;
    rejected_prediction_tokens: number;
  };
}

export function usageOf(plans: readonly OutputPlan[]): ChatUsage {
  const sum = (of: (plan: OutputPlan) => number): number =>
    plans.reduce((total, plan) => total + of(plan), 0);
  const input = plans[0]?.inputTokens ?? 0;
  const output = sum((plan) => plan.outputTokens);
  return {
    prompt_tokens: input,
    completion_tokens: output,
    total_tokens: input + output,
    prompt_tokens_details: { cached_tokens: 0, audio_tokens: 0 },
    completion_tokens_details: {
      reasoning_tokens: sum((plan) => plan.reasoningTokens),
      audio_tokens: 0,
      accepted_prediction_tokens: 0,
      rejected_prediction_tokens: 0,
    },
  };
}

/**
 * The SSE blocks of one streamed completion. What is the same in every chunk is joined once; a
 * delta costs one `JSON.stringify` of its text and one concatenation.
 */
export class ChunkWriter {
  private readonly head: string;
  private readonly tail: string;
  private readonly padded: boolean;
  private readonly usageNull: string;
  private readonly opens: string[] = [];

  constructor(id: string, created: number, request: ChatRequest) {
    const shared = JSON.stringify({
      id,
      object: 'chat.completion.chunk',
      created,
      model: request.model,
      service_tier: 'default',
      system_fingerprint: 'fp_mock',
    });
    this.head = `data: ${shared.slice(0, -1)},"choices":`;
    this.usageNull = request.includeUsage ? ',"usage":null' : '';
    this.tail = `,"logprobs":null,"finish_reason":null}]${this.usageNull}`;
    this.padded = request.obfuscation;
  }

  /** `choices[0].delta` up to where its JSON begins; the same for all chunks of a choice. */
  private open(choice: number): string {
    return (this.opens[choice] ??= `${this.head}[{"index":${choice},"delta":`);
  }

  private close(padding: number): string {
    return `${this.tail}${this.padded ? obfuscationMember(padding) : ''}}\n\n`;
  }

  role(choice: number): string {
    return `${this.open(choice)}{"role":"assistant","content":"","refusal":null}${this.close(0)}`;
  }

  /** The first chunk of a tool call: id, type and name, no arguments yet. */
  toolCall(choice: number, index: number, callId: string, name: string, withRole: boolean): string {
    const call = { index, id: callId, type: 'function', function: { name, arguments: '' } };
    const role = withRole ? '"role":"assistant","content":null,' : '';
    return `${this.open(choice)}{${role}"tool_calls":[${JSON.stringify(call)}]${withRole ? ',"refusal":null' : ''}}${this.close(0)}`;
  }

  /** @param toolIndex - of the call an arguments piece belongs to. */
  delta(choice: number, piece: Piece, toolIndex: number): string {
    const text = JSON.stringify(piece.text);
    const inner =
      piece.kind === 'content'
        ? `{"content":${text}}`
        : piece.kind === 'reasoning'
          ? `{"reasoning_content":${text}}`
          : `{"tool_calls":[{"index":${toolIndex},"function":{"arguments":${text}}}]}`;
    return this.open(choice) + inner + this.close(piece.text.length);
  }

  /** What the text so far cites, as search models tell it. */
  annotations(choice: number, citations: readonly Citation[]): string {
    const inner = JSON.stringify({ annotations: citations.map(chatAnnotationOf) });
    return this.open(choice) + inner + this.close(0);
  }

  finish(choice: number, reason: OutputPlan['finish']): string {
    const padding = this.padded ? obfuscationMember(0) : '';
    return `${this.open(choice)}{},"logprobs":null,"finish_reason":"${reason}"}]${this.usageNull}${padding}}\n\n`;
  }

  usage(usage: ChatUsage): string {
    const padding = this.padded ? obfuscationMember(0) : '';
    return `${this.head}[],"usage":${JSON.stringify(usage)}${padding}}\n\n`;
  }
}

export const doneBlock = 'data: [DONE]\n\n';

export const errorBlock = `data: ${JSON.stringify({
  error: {
    message: 'The server had an error processing your request',
    type: 'server_error',
    param: null,
    code: null,
  },
})}\n\n`;
