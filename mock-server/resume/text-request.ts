/** What the two plain chat protocols of this server are asked: a model and messages. */
import { badRequest, invalidType, missingParameter } from '../http/api-problem.ts';
import {
  contentText,
  isObject,
  optionalArray,
  optionalNumber,
  optionalString,
  requiredString,
  type Body,
} from '../http/body-fields.ts';
import type { OutputRequest } from '../timing/output-plan.ts';
import { estimateTokens, seedKeyOf } from '../timing/plan-output.ts';

export interface TextRequest {
  model: string;
  output: OutputRequest;
}

/** @throws ApiProblem 400 that names the wrong member. */
export function readTextRequest(body: Body, streamId: string): TextRequest {
  const model = requiredString(body, 'model');
  const messages = optionalArray(body, 'messages');
  if (!messages) throw missingParameter('messages');
  if (messages.length === 0) throw badRequest("'messages' is empty.", 'messages', 'empty_array');
  let characters = optionalString(body, 'instructions')?.length ?? 0;
  let lastText = '';
  for (const [index, message] of messages.entries()) {
    if (!isObject(message)) throw invalidType(`messages[${index}]`, 'an object', message);
    const role = requiredString(message, 'role');
    const text = contentText(message['content']);
    characters += text.length;
    if (role === 'user') lastText = text;
  }
  return {
    model,
    output: {
      seedKey: seedKeyOf(streamId, lastText, messages.length),
      inputTokens: estimateTokens(characters) + 4 * messages.length,
      maxTokens: optionalNumber(body, 'max_tokens', {
        low: 1,
        high: Number.MAX_SAFE_INTEGER,
        integer: true,
      }),
      tools: [],
      toolChoice: 'none',
      reasoning: true,
      modality: 'text',
    },
  };
}
