import { AnswerRun } from '../http/answer-run.ts';
import type { Exchange } from '../http/exchange.ts';
import { SseWriter } from '../http/sse-writer.ts';
import type { OutputPlan, PieceKind } from '../timing/output-plan.ts';
import type { StreamRecorder } from '../truth/stream-recorder.ts';
import { ChunkWriter, doneBlock, errorBlock, usageOf } from './chunks.ts';
import type { ChatRequest } from './request.ts';

/** Streams a completion: role, deltas, finish, usage where asked for, `[DONE]`. */
export function streamChat(
  exchange: Exchange,
  request: ChatRequest,
  plans: readonly OutputPlan[],
  recorder: StreamRecorder,
  id: string,
): void {
  const { context } = exchange;
  const chunks = new ChunkWriter(id, Math.floor(Date.now() / 1000), request);
  let writer: SseWriter | undefined;
  let index = 0;
  const write = (block: string, kind?: PieceKind, tokens = 0, dueNs?: number, text = ''): void => {
    const sentNs = writer!.write(index, block);
    recorder.event(index, kind, tokens, dueNs ?? sentNs, sentNs, text);
    index += 1;
  };
  // Which tool call each choice is in, and whether its role has been said.
  const state = plans.map(() => ({ item: -1, toolIndex: -1, roleSaid: false }));

  const run: AnswerRun = new AnswerRun({
    context,
    recorder,
    plans,
    seedKey: request.output.seedKey,
    handlers: {
      onAdmitted: () => {
        writer = new SseWriter(exchange, {
          onGone: (reason) => (reason === 'overflow' ? run.finish('overflow') : run.clientLeft()),
        });
        for (const [choice, plan] of plans.entries()) {
          // An answer of nothing but tool calls says its role with the first of them.
          if (plan.pieces[0]?.kind === 'tool_arguments') continue;
          write(chunks.role(choice));
          state[choice]!.roleSaid = true;
        }
      },
      onPiece: (choice, piece, dueNs) => {
        const here = state[choice]!;
        if (piece.kind === 'tool_arguments' && piece.item !== here.item) {
          here.toolIndex += 1;
          const call = plans[choice]!.toolCalls[here.toolIndex]!;
          recorder.toolCall(call.name, call.callId);
          const head = chunks.toolCall(
            choice,
            here.toolIndex,
            call.callId,
            call.name,
            !here.roleSaid,
          );
          write(head, undefined, 0, dueNs);
          here.roleSaid = true;
        }
        here.item = piece.item;
        const block = chunks.delta(choice, piece, here.toolIndex);
        write(block, piece.kind, piece.tokens, dueNs, piece.text);
      },
      onPlanEnd: (choice, dueNs) =>
        write(chunks.finish(choice, plans[choice]!.finish), undefined, 0, dueNs),
      onEnd: (dueNs) => {
        if (request.includeUsage) write(chunks.usage(usageOf(plans)), undefined, 0, dueNs);
        write(doneBlock, undefined, 0, dueNs);
        writer!.end();
      },
      onFate: (kind) => {
        if (kind === 'truncate') {
          writer!.cut();
          return;
        }
        write(errorBlock);
        writer!.end();
      },
    },
  });
  // Until the head is out there is no writer to notice that the client leaves.
  exchange.response.once('close', () => run.clientLeft());
  run.start();
}
