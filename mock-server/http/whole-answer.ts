import type { OutputPlan } from '../timing/output-plan.ts';
import type { StreamRecorder } from '../truth/stream-recorder.ts';
import type { Exchange } from './exchange.ts';

/** Logs an answer that goes out in one piece: each planned piece counts as sent with it. */
export function recordWhole(
  recorder: StreamRecorder,
  plans: readonly OutputPlan[],
  dueNs: number,
  sentNs: number,
): void {
  let index = 0;
  for (const plan of plans) {
    let item = -1;
    for (const piece of plan.pieces) {
      if (piece.kind === 'tool_arguments' && piece.item !== item) {
        const call = plan.toolCalls.find((one) => one.item === piece.item)!;
        recorder.toolCall(call.name, call.callId);
      }
      item = piece.item;
      recorder.event(index, piece.kind, piece.tokens, dueNs, sentNs, piece.text);
      index += 1;
    }
  }
}

/** Announces a whole body, sends half of it and ends the connection. */
export function sendCut(exchange: Exchange, text: string): void {
  const { response } = exchange;
  response.writeHead(200, {
    'content-type': 'application/json',
    'content-length': String(Buffer.byteLength(text)),
    ...exchange.baseHeaders(),
  });
  response.write(text.slice(0, text.length / 2), () => response.destroy());
}
