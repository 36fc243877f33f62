import { newId, type MockContext } from '../../http/context.ts';
import { bearerKey, checkKey } from '../../http/exchange.ts';
import { admitAndPlan } from '../../http/plan-answer.ts';
import type { Router } from '../../http/router.ts';
import { readChatRequest } from './request.ts';
import { ResumableChats } from './resumable.ts';
import { streamChat } from './streaming.ts';
import { answerChat } from './whole.ts';

/** `POST /v1/chat/completions`. */
export function chatApi(router: Router, context: MockContext): void {
  const resumable = context.settings.resume.sse ? new ResumableChats(context) : undefined;
  if (resumable) router.register('GET', '/v1/chat/completions', resumable.resume);
  router.register('POST', '/v1/chat/completions', async (exchange) => {
    checkKey(context, bearerKey(exchange.request));
    const request = readChatRequest(await exchange.readJson(), exchange.streamId);
    request.obfuscation &&= context.settings.obfuscation;
    const plans = admitAndPlan(exchange, request, request.choices);
    const id = newId('chatcmpl').replace('_', '-');
    const recorder = context.truth.begin({
      streamId: exchange.streamId,
      seedKey: request.output.seedKey,
      api: 'chat',
      transport: request.stream ? 'sse' : 'http',
      model: request.model,
      responseId: id,
      receivedNs: exchange.receivedNs,
    });
    const answer = request.stream ? (resumable?.stream ?? streamChat) : answerChat;
    answer(exchange, request, plans, recorder, id);
  });
}
