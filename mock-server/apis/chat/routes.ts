import { admit } from '../../http/admission.ts';
import { overloaded } from '../../http/api-problem.ts';
import { newId, type MockContext } from '../../http/context.ts';
import { bearerKey, checkKey } from '../../http/exchange.ts';
import type { Router } from '../../http/router.ts';
import { paused, timingHeader, timingOverride } from '../../http/timing-override.ts';
import { planOutput } from '../../timing/plan-output.ts';
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
    const { output, model } = request;
    output.seedKey = context.seedKeys.distinct(output.seedKey, exchange.streamId);
    const limits = admit(context, {
      seedKey: output.seedKey,
      attempt: exchange.attempt,
      model,
      tokens: output.inputTokens + (output.maxTokens ?? 0),
    });
    Object.assign(exchange.extraHeaders, limits);
    if (context.capacity.full) throw overloaded();
    const timing = timingOverride(context.settings, exchange.request);
    exchange.extraHeaders[timingHeader] = 'accepted';
    exchange.heartbeatMs = timing.heartbeatMs;
    const plans = Array.from({ length: request.choices }, (_, choice) => {
      // The first choice is what a request for one would get.
      const seedKey = choice === 0 ? output.seedKey : `${output.seedKey}#${choice}`;
      return paused(planOutput(timing.settings, { ...output, seedKey }), timing.pause);
    });
    const id = newId('chatcmpl').replace('_', '-');
    const recorder = context.truth.begin({
      streamId: exchange.streamId,
      seedKey: output.seedKey,
      api: 'chat',
      transport: request.stream ? 'sse' : 'http',
      model,
      responseId: id,
      receivedNs: exchange.receivedNs,
    });
    const answer = request.stream ? (resumable?.stream ?? streamChat) : answerChat;
    answer(exchange, request, plans, recorder, id);
  });
}
