import { badRequest, invalidType, missingParameter } from '../../http/api-problem.ts';
import {
  contentText,
  isObject,
  optionalArray,
  optionalBoolean,
  optionalNumber,
  optionalObject,
  optionalString,
  requiredString,
  type Body,
} from '../../http/body-fields.ts';
import { readTools, type ToolDialect } from '../../http/function-tools.ts';
import type { OutputRequest } from '../../timing/output-plan.ts';
import { estimateTokens, seedKeyOf } from '../../timing/plan-output.ts';

/** A checked Chat Completions request: what the answer depends on. */
export interface ChatRequest {
  model: string;
  stream: boolean;
  includeUsage: boolean;
  obfuscation: boolean;
  choices: number;
  output: OutputRequest;
}

const roles = ['system', 'developer', 'user', 'assistant', 'tool', 'function'];

function readMessages(body: Body): { lastText: string; characters: number; items: number } {
  const messages = optionalArray(body, 'messages');
  if (!messages) throw missingParameter('messages');
  if (messages.length === 0) {
    throw badRequest(
      "Invalid 'messages': empty array. Expected an array with minimum length 1, but got an empty array instead.",
      'messages',
      'empty_array',
    );
  }
  let characters = 0;
  let lastText = '';
  for (const [index, message] of messages.entries()) {
    const at = `messages[${index}]`;
    if (!isObject(message)) throw invalidType(at, 'an object', message);
    const { role } = message;
    if (role === undefined) throw missingParameter(`${at}.role`);
    if (typeof role !== 'string' || !roles.includes(role)) {
      throw badRequest(
        `Invalid value: ${JSON.stringify(role)}. Supported values are: ${roles.map((one) => `'${one}'`).join(', ')}.`,
        `${at}.role`,
        'invalid_value',
      );
    }
    if (role === 'tool' && typeof message['tool_call_id'] !== 'string') {
      throw missingParameter(`${at}.tool_call_id`);
    }
    const { content } = message;
    if ((content === undefined || content === null) && role !== 'assistant') {
      throw missingParameter(`${at}.content`);
    }
    const text = contentText(content);
    characters += text.length;
    if (role === 'user' || role === 'tool') lastText = text;
  }
  return { lastText, characters, items: messages.length };
}

const toolDialect: ToolDialect = {
  toolOf(tool, at) {
    const type = requiredString(tool, 'type');
    if (type !== 'function') {
      throw badRequest(`Only function tools are supported here, not '${type}'.`, `${at}.type`);
    }
    const definition = optionalObject(tool, 'function');
    if (!definition) throw missingParameter(`${at}.function`);
    return { name: requiredString(definition, 'name'), parameters: definition['parameters'] };
  },
  namedBy(choice) {
    const named = optionalObject(choice, 'function');
    return named && requiredString(named, 'name');
  },
  unnamedChoice: 'required',
  nothingToCall: "'tool_choice' is only allowed when 'tools' are specified.",
};

/** @throws ApiProblem 400 that names the wrong member. */
export function readChatRequest(body: Body, streamId: string): ChatRequest {
  const model = requiredString(body, 'model');
  const { lastText, characters, items } = readMessages(body);
  const stream = optionalBoolean(body, 'stream') ?? false;
  const streamOptions = optionalObject(body, 'stream_options');
  if (streamOptions && !stream) {
    throw badRequest(
      "The 'stream_options' parameter is only allowed when 'stream' is enabled.",
      'stream_options',
    );
  }
  optionalNumber(body, 'temperature', { low: 0, high: 2 });
  optionalNumber(body, 'top_p', { low: 0, high: 1 });
  const positive = { low: 1, high: Number.MAX_SAFE_INTEGER, integer: true };
  return {
    model,
    stream,
    includeUsage: optionalBoolean(streamOptions ?? {}, 'include_usage') ?? false,
    obfuscation: optionalBoolean(streamOptions ?? {}, 'include_obfuscation') ?? true,
    choices: optionalNumber(body, 'n', { low: 1, high: 128, integer: true }) ?? 1,
    output: {
      seedKey: seedKeyOf(streamId, lastText, items),
      inputTokens: estimateTokens(characters) + 4 * items,
      maxTokens:
        optionalNumber(body, 'max_completion_tokens', positive) ??
        optionalNumber(body, 'max_tokens', positive),
      ...readTools(body, toolDialect),
      reasoning: optionalString(body, 'reasoning_effort') !== 'none',
      modality: 'text',
    },
  };
}
