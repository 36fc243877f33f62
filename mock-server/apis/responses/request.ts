import { badRequest, invalidType, missingParameter } from '../../http/api-problem.ts';
import {
  contentText,
  isObject,
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

/** What a response before this one contributes: its tokens and what the new input may refer to. */
export interface Chain {
  id: string;
  /** Tokens of its whole context, its own output included. */
  tokens: number;
  /** Items of its whole context, its own output included. */
  items: number;
  /** Tool calls it made. */
  callIds: readonly string[];
}

/** A checked `POST /v1/responses` body or `response.create` message. */
export interface ResponsesRequest {
  model: string;
  stream: boolean;
  background: boolean;
  store: boolean;
  /** False: a warm-up over WebSocket, without model output. */
  generate: boolean;
  obfuscation: boolean;
  /** Whether reasoning summaries were asked for; without, reasoning only takes time. */
  summary: boolean;
  /** The input as a list of items, each with an id. */
  input: readonly Body[];
  /** Members that the response object repeats. */
  echo: Body;
  /** Items of the whole context, the input included. */
  contextItems: number;
  output: OutputRequest;
}

function readItems(body: Body): readonly Body[] {
  const { input } = body;
  if (input === undefined || input === null) return [];
  if (typeof input === 'string') {
    return [{ type: 'message', role: 'user', content: [{ type: 'input_text', text: input }] }];
  }
  if (!Array.isArray(input)) {
    throw badRequest(
      "Invalid type for 'input': expected one of a string or array of input items.",
      'input',
      'invalid_type',
    );
  }
  return input.map((item: unknown, index) => {
    const at = `input[${index}]`;
    if (!isObject(item)) throw invalidType(at, 'an object', item);
    const type = item['type'] ?? 'message';
    if (type === 'message') {
      if (typeof item['role'] !== 'string') throw missingParameter(`${at}.role`);
      if (item['content'] === undefined) throw missingParameter(`${at}.content`);
    }
    if (type === 'function_call_output') {
      if (typeof item['call_id'] !== 'string') throw missingParameter(`${at}.call_id`);
      if (item['output'] === undefined) throw missingParameter(`${at}.output`);
    }
    return { ...item, type };
  });
}

/** An output without its call is what the API refuses with this very sentence. */
function checkCalls(items: readonly Body[], previous: Chain | undefined): void {
  const known = new Set(previous?.callIds);
  for (const item of items) {
    if (item['type'] === 'function_call') known.add(String(item['call_id']));
    else if (item['type'] === 'item_reference') return;
    else if (item['type'] === 'function_call_output' && !known.has(String(item['call_id']))) {
      throw badRequest(
        `No tool call found for function call output with call_id ${String(item['call_id'])}.`,
        'input',
      );
    }
  }
}

function textOf(item: Body): string {
  if (item['type'] === 'function_call_output') {
    const { output } = item;
    return typeof output === 'string' ? output : contentText(output);
  }
  if (item['type'] === 'function_call') {
    return typeof item['arguments'] === 'string' ? item['arguments'] : '';
  }
  return contentText(item['content']);
}

const toolDialect: ToolDialect = {
  toolOf(tool, at) {
    // Built-in tools are allowed and never used.
    if (requiredString(tool, 'type') !== 'function') return undefined;
    const { name } = tool;
    if (typeof name !== 'string' || name === '') throw missingParameter(`${at}.name`);
    return { name, parameters: tool['parameters'] };
  },
  namedBy: (choice) => (choice['type'] === 'function' ? requiredString(choice, 'name') : undefined),
  unnamedChoice: 'auto',
  nothingToCall: "Tool choice 'required' must be specified with 'tools' parameter.",
};

/** @param previous - the response that `previous_response_id` names. @throws ApiProblem 400. */
export function readResponsesRequest(
  body: Body,
  streamId: string,
  previous: Chain | undefined,
): ResponsesRequest {
  const model = requiredString(body, 'model');
  const generate = optionalBoolean(body, 'generate') ?? true;
  const items = readItems(body);
  if (generate && items.length === 0 && body['input'] === undefined) {
    throw missingParameter('input');
  }
  checkCalls(items, previous);
  const stream = optionalBoolean(body, 'stream') ?? false;
  const background = optionalBoolean(body, 'background') ?? false;
  const store = optionalBoolean(body, 'store') ?? true;
  if (background && !store) {
    throw badRequest("Background mode requires 'store' to be true.", 'background');
  }
  const reasoning = optionalObject(body, 'reasoning');
  const instructions = body['instructions'];
  const texts = items.map(textOf);
  const lastAsked = items.findLastIndex(
    (item) => item['role'] === 'user' || item['type'] === 'function_call_output',
  );
  const contextItems = (previous?.items ?? 0) + items.length;
  const characters =
    texts.reduce((sum, text) => sum + text.length, 0) +
    (typeof instructions === 'string' ? instructions.length : 0);
  const temperature = optionalNumber(body, 'temperature', { low: 0, high: 2 });
  const topP = optionalNumber(body, 'top_p', { low: 0, high: 1 });
  const positive = { low: 1, high: Number.MAX_SAFE_INTEGER, integer: true };
  const maxTokens = optionalNumber(body, 'max_output_tokens', positive);
  const tools = readTools(body, toolDialect);
  const streamOptions = optionalObject(body, 'stream_options') ?? {};
  return {
    model,
    stream,
    background,
    store,
    generate,
    obfuscation: optionalBoolean(streamOptions, 'include_obfuscation') ?? true,
    summary: typeof reasoning?.['summary'] === 'string' && reasoning['summary'] !== 'none',
    input: items,
    contextItems,
    echo: {
      background,
      instructions: instructions ?? null,
      max_output_tokens: maxTokens ?? null,
      max_tool_calls: null,
      model,
      parallel_tool_calls: tools.parallelToolCalls,
      previous_response_id: previous?.id ?? null,
      prompt_cache_key: optionalString(body, 'prompt_cache_key') ?? null,
      reasoning: {
        effort: reasoning?.['effort'] ?? null,
        summary: reasoning?.['summary'] ?? null,
      },
      service_tier: 'default',
      store,
      temperature: temperature ?? 1,
      text: optionalObject(body, 'text') ?? { format: { type: 'text' }, verbosity: 'medium' },
      tool_choice: body['tool_choice'] ?? 'auto',
      tools: body['tools'] ?? [],
      top_logprobs: 0,
      top_p: topP ?? 1,
      truncation: optionalString(body, 'truncation') ?? 'disabled',
      user: optionalString(body, 'user') ?? null,
      metadata: optionalObject(body, 'metadata') ?? {},
    },
    output: {
      seedKey: seedKeyOf(streamId, texts[lastAsked] ?? '', contextItems),
      inputTokens: estimateTokens(characters) + 4 * items.length + (previous?.tokens ?? 0),
      maxTokens,
      ...tools,
      reasoning: reasoning?.['effort'] !== 'none',
      modality: 'text',
    },
  };
}
