import type { Exchange } from '../../http/exchange.ts';
import { SseWriter } from '../../http/sse-writer.ts';
import type { OutputPlan } from '../../timing/output-plan.ts';
import type { StreamRecorder } from '../../truth/stream-recorder.ts';
import { chatRun } from './answer.ts';
import type { ChatRequest } from './request.ts';

/** Streams a completion to the connection that asked for it; it ends with that connection. */
export function streamChat(
  exchange: Exchange,
  request: ChatRequest,
  plans: readonly OutputPlan[],
  recorder: StreamRecorder,
  id: string,
): void {
  let writer: SseWriter | undefined;
  let index = 0;
  const run = chatRun(exchange.context, request, plans, recorder, id, {
    open: () => {
      writer = new SseWriter(
        exchange,
        {
          onGone: (reason) => (reason === 'overflow' ? run.finish('overflow') : run.clientLeft()),
        },
        recorder.backPressure,
      );
    },
    write: (block, { kind, tokens = 0, piece = '', dueNs }, last) => {
      const sentNs = writer!.write(index, block);
      recorder.event(index, kind, tokens, dueNs ?? sentNs, sentNs, piece);
      index += 1;
      if (last) writer!.end();
    },
    cut: () => writer!.cut(),
  });
  // Until the head is out there is no writer to notice that the client leaves.
  exchange.response.once('close', () => run.clientLeft());
  run.start();
}
