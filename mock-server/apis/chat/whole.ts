import { unixSeconds } from '../../http/context.ts';
import { AnswerRun } from '../../http/answer-run.ts';
import type { Exchange } from '../../http/exchange.ts';
import type { OutputPlan, PieceKind } from '../../timing/output-plan.ts';
import type { StreamRecorder } from '../../truth/stream-recorder.ts';
import { recordWhole, sendCut } from '../../http/whole-answer.ts';
import { usageOf } from './chunks.ts';
import type { ChatRequest } from './request.ts';

function textOf(plan: OutputPlan, kind: PieceKind, item?: number): string {
  return plan.pieces
    .filter((piece) => piece.kind === kind && (item === undefined || piece.item === item))
    .map((piece) => piece.text)
    .join('');
}

function choiceOf(plan: OutputPlan, index: number): Record<string, unknown> {
  const reasoning = textOf(plan, 'reasoning');
  const calls = plan.toolCalls.map((call) => ({
    id: call.callId,
    type: 'function',
    function: { name: call.name, arguments: textOf(plan, 'tool_arguments', call.item) },
  }));
  return {
    index,
    message: {
      role: 'assistant',
      content: calls.length > 0 ? null : textOf(plan, 'content'),
      ...(reasoning !== '' && { reasoning_content: reasoning }),
      ...(calls.length > 0 && { tool_calls: calls }),
      refusal: null,
      annotations: [],
    },
    logprobs: null,
    finish_reason: plan.finish,
  };
}

/** Answers with the whole completion once its last token is there. */
export function answerChat(
  exchange: Exchange,
  request: ChatRequest,
  plans: readonly OutputPlan[],
  recorder: StreamRecorder,
  id: string,
): void {
  const body = (): string =>
    JSON.stringify({
      id,
      object: 'chat.completion',
      created: unixSeconds(exchange.context),
      model: request.model,
      choices: plans.map(choiceOf),
      usage: usageOf(plans),
      service_tier: 'default',
      system_fingerprint: 'fp_mock',
    });
  const run = new AnswerRun({
    context: exchange.context,
    recorder,
    plans,
    seedKey: request.output.seedKey,
    handlers: {
      onAdmitted: () => undefined,
      onPiece: () => undefined,
      onPlanEnd: () => undefined,
      onEnd: (dueNs) => {
        recordWhole(recorder, plans, dueNs, exchange.context.scheduler.now());
        exchange.sendText(200, body());
      },
      onFate: (kind) => {
        if (kind === 'truncate') {
          sendCut(exchange, body());
          return;
        }
        exchange.sendJson(200, {
          error: {
            message: 'The server had an error processing your request',
            type: 'server_error',
            param: null,
            code: null,
          },
        });
      },
    },
  });
  exchange.response.once('close', () => run.clientLeft());
  run.start();
}
