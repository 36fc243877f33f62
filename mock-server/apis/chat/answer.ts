/** What a streamed completion consists of, independent of how it is written and of what happens to its readers. */
import { AnswerRun } from '../../http/answer-run.ts';
import { unixSeconds, type MockContext } from '../../http/context.ts';
import type { OutputPlan } from '../../timing/output-plan.ts';
import { citationsOf } from '../../timing/sources.ts';
import type { StreamRecorder } from '../../truth/stream-recorder.ts';
import type { Carried } from '../../resume/resumable-stream.ts';
import { ChunkWriter, doneBlock, errorBlock, usageOf } from './chunks.ts';
import type { ChatRequest } from './request.ts';

/** Takes the blocks of one answer, in order. */
export interface ChatSink {
  /** The answer has its slot; its head may go out. */
  open(): void;
  /** One SSE block. `last` with the block that ends the stream. */
  write(block: string, carried: Carried, last: boolean): void;
  /** Ends the connection in mid-answer. */
  cut(): void;
}

/** Role, deltas, finish, usage where asked for, `[DONE]`. Call `start` on what it returns. */
export function chatRun(
  context: MockContext,
  request: ChatRequest,
  plans: readonly OutputPlan[],
  recorder: StreamRecorder,
  id: string,
  sink: ChatSink,
): AnswerRun {
  const chunks = new ChunkWriter(id, unixSeconds(context), request);
  // Which tool call each choice is in, whether its role has been said, and how long its text is.
  const state = plans.map(() => ({ item: -1, toolIndex: -1, roleSaid: false, length: 0 }));
  return new AnswerRun({
    context,
    recorder,
    plans,
    seedKey: request.output.seedKey,
    handlers: {
      onAdmitted: () => {
        sink.open();
        for (const [choice, plan] of plans.entries()) {
          // An answer of nothing but tool calls says its role with the first of them.
          if (plan.pieces[0]?.kind === 'tool_arguments') continue;
          sink.write(chunks.role(choice), {}, false);
          state[choice]!.roleSaid = true;
        }
      },
      onPiece: (choice, piece, dueNs) => {
        const here = state[choice]!;
        if (piece.kind === 'tool_arguments' && piece.item !== here.item) {
          here.toolIndex += 1;
          const call = plans[choice]!.toolCalls[here.toolIndex]!;
          recorder.toolCall(call.name, call.callId);
          const { callId, name } = call;
          const head = chunks.toolCall(choice, here.toolIndex, callId, name, !here.roleSaid);
          sink.write(head, { dueNs }, false);
          here.roleSaid = true;
        }
        here.item = piece.item;
        const block = chunks.delta(choice, piece, here.toolIndex);
        const { kind, tokens, text } = piece;
        sink.write(block, { kind, tokens, piece: text, dueNs }, false);
        if (kind === 'content') here.length += text.length;
        if (piece.sources) {
          const citations = citationsOf(piece, here.length);
          sink.write(chunks.annotations(choice, citations), { dueNs }, false);
        }
      },
      onPlanEnd: (choice, dueNs) =>
        sink.write(chunks.finish(choice, plans[choice]!.finish), { dueNs }, false),
      onEnd: (dueNs) => {
        if (request.includeUsage) sink.write(chunks.usage(usageOf(plans)), { dueNs }, false);
        sink.write(doneBlock, { dueNs }, true);
      },
      onFate: (kind) => {
        if (kind === 'truncate') sink.cut();
        else sink.write(errorBlock, {}, true);
      },
    },
  });
}
