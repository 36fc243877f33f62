/**
 * The Responses API: named events with a sequence number, ended by `response.completed`,
 * `response.incomplete` or `response.failed`. The same events come over SSE and over WebSocket.
 *
 * Over SSE every turn is a new request that carries the whole history (`store: false`), as agents
 * without server-side state do; over WebSocket a turn carries only what is new and names its parent
 * with `previous_response_id`, which the server keeps for the life of the connection.
 */
import { responsesTextDelta, sequenceIn } from './fast-delta.ts';
import type { Frame, WireRequest } from '../../../transport/transport.ts';
import {
  defineDialect,
  type Conversation,
  type ConversationOptions,
  type MeaningSink,
  type Retrieval,
  type TerminalStatus,
  type ToolCall,
  type TurnInput,
} from '../../dialect.ts';
import { check, options, type Options } from './background.ts';
import { areWhole, argumentsComplete, firstSource } from '../../shared/landmarks.ts';
import { responseEventKind } from '../../shared/response-events.ts';
import {
  arrayAt,
  isObject,
  numberAt,
  objectAt,
  parseFrame,
  reportError,
  reportUsage,
  textAt,
  type JsonObject,
} from '../../shared/json.ts';

class ResponsesConversation implements Conversation {
  private readonly options: ConversationOptions<Options>;
  /** Every input and output item so far; sent whole where the server keeps nothing. */
  private readonly history: unknown[] = [];
  private previousId: string | undefined;
  private calls: ToolCall[] = [];
  /** The running response and its last event: where a broken stream continues. */
  private runningId = '';
  private lastSequence = -1;

  constructor(options: ConversationOptions<Options>) {
    this.options = options;
  }

  ask(input: TurnInput): WireRequest {
    const fresh = inputItems(input);
    this.history.push(...fresh);
    this.calls = [];
    this.runningId = '';
    this.lastSequence = -1;
    const { transport, model, stream, extraBody } = this.options;
    const { background } = this.options.dialectOptions;
    const overSocket = transport === 'websocket';
    const body: Record<string, unknown> = {
      model,
      store: background,
      ...(background ? { background } : {}),
      input: overSocket && this.previousId !== undefined ? fresh : [...this.history],
      ...(overSocket && this.previousId !== undefined
        ? { previous_response_id: this.previousId }
        : {}),
      ...(input.instructions === undefined ? {} : { instructions: input.instructions }),
      ...(input.maxTokens === undefined ? {} : { max_output_tokens: input.maxTokens }),
      ...(input.tools.length === 0
        ? {}
        : {
            tools: input.tools.map((tool) => ({ type: 'function', strict: false, ...tool })),
            tool_choice: input.toolChoice ?? 'auto',
          }),
      ...extraBody,
    };
    return overSocket
      ? {
          streamId: input.streamId,
          method: 'GET',
          path: '/responses',
          messages: [{ body: { type: 'response.create', ...body } }],
        }
      : { streamId: input.streamId, method: 'POST', path: '/responses', body: { ...body, stream } };
  }

  /** Background mode only: events with a larger sequence number, then those to come. */
  resume(streamId: string): WireRequest | undefined {
    if (this.runningId === '') return undefined;
    const query = `stream=true&starting_after=${this.lastSequence}`;
    return {
      streamId,
      method: 'GET',
      path: `/responses/${encodeURIComponent(this.runningId)}?${query}`,
    };
  }

  /** Background mode only. */
  cancel(): { request: WireRequest } | undefined {
    const request = this.aboutRunning('/cancel', 'POST');
    return request && { request };
  }

  /** Background mode only: what is not stored cannot be read again. */
  retrieve(): Retrieval | undefined {
    const request = this.aboutRunning('', 'GET');
    return request && { request, outputTokens };
  }

  private aboutRunning(call: string, method: 'GET' | 'POST'): WireRequest | undefined {
    if (this.runningId === '') return undefined;
    const path = `/responses/${encodeURIComponent(this.runningId)}${call}`;
    return { streamId: '', method, path };
  }

  decode(frame: Frame, sink: MeaningSink): void {
    if (frame.data === '[DONE]') return; // Not documented, but some gateways add it.
    const text = responsesTextDelta(frame.data);
    if (text) {
      if (this.options.resumable) this.keepPlace(sequenceIn(frame.data), sink);
      sink.token('content', text);
      return;
    }
    const json = parseFrame(frame, sink);
    if (!json) return;
    if (this.options.resumable || this.options.dialectOptions.background) {
      this.runningId ||= textAt(objectAt(json, 'response') ?? {}, 'id');
    }
    if (this.options.resumable) this.keepPlace(numberAt(json, 'sequence_number'), sink);
    switch (json['type']) {
      case 'response.output_text.delta':
      case 'response.refusal.delta':
        emitDelta('content', json, sink);
        return;
      case 'response.reasoning_summary_text.delta':
      case 'response.reasoning_text.delta':
        emitDelta('reasoning', json, sink);
        return;
      case 'response.function_call_arguments.delta':
      case 'response.custom_tool_call_input.delta':
        emitDelta('tool_arguments', json, sink);
        return;
      case 'response.output_text.annotation.added':
        sink.progress();
        if (citesUrl(json['annotation'])) sink.landmark(firstSource.name);
        return;
      case 'response.function_call_arguments.done':
        sink.progress();
        if (areWhole(json['arguments'])) sink.landmark(argumentsComplete.name);
        return;
      case 'response.custom_tool_call_input.done':
        sink.progress();
        sink.landmark(argumentsComplete.name);
        return;
      case 'response.output_item.done':
        sink.progress();
        // Some servers leave out the events that end a part of an item.
        tellLandmarks(json['item'], sink);
        return;
      case 'response.completed':
        this.finish(objectAt(json, 'response'), 'completed', sink);
        return;
      case 'response.incomplete':
        this.finish(objectAt(json, 'response'), 'incomplete', sink);
        return;
      case 'response.cancelled':
        this.finish(objectAt(json, 'response'), 'cancelled', sink);
        return;
      case 'response.failed':
        reportError(objectAt(json, 'response')?.['error'] ?? 'response.failed', sink);
        return;
      case 'error':
        reportError(json['error'] ?? json, sink);
        return;
      case 'keepalive':
        return;
      case undefined:
        this.decodeWhole(json, sink);
        return;
      default:
        sink.progress();
    }
  }

  pendingToolCalls(): readonly ToolCall[] {
    return this.calls;
  }

  private keepPlace(sequence: number | undefined, sink: MeaningSink): void {
    if (sequence === undefined) return;
    this.lastSequence = sequence;
    sink.position(sequence);
  }

  /** An answer that is not a stream: a Response object, or an error body. */
  private decodeWhole(json: JsonObject, sink: MeaningSink): void {
    if (json['error']) {
      reportError(json['error'], sink);
      return;
    }
    if (json['object'] !== 'response') {
      sink.malformed('an event without a type');
      return;
    }
    for (const item of arrayAt(json, 'output')) {
      if (!isObject(item)) continue;
      for (const part of arrayAt(item, 'content')) {
        if (isObject(part) && textAt(part, 'text') !== '')
          sink.token('content', textAt(part, 'text'));
      }
      if (textAt(item, 'arguments') !== '') sink.token('tool_arguments', textAt(item, 'arguments'));
      tellLandmarks(item, sink);
    }
    const status = textAt(json, 'status');
    this.finish(json, status === 'incomplete' ? 'incomplete' : 'completed', sink);
  }

  private finish(
    response: JsonObject | undefined,
    status: TerminalStatus,
    sink: MeaningSink,
  ): void {
    if (response) {
      this.previousId = textAt(response, 'id') || undefined;
      for (const item of arrayAt(response, 'output')) {
        this.history.push(item);
        if (isObject(item) && item['type'] === 'function_call') {
          this.calls.push({
            callId: textAt(item, 'call_id'),
            name: textAt(item, 'name'),
            arguments: textAt(item, 'arguments'),
          });
        }
      }
      const usage = objectAt(response, 'usage');
      if (usage) reportUsage(usage, 'input/output', sink);
    }
    sink.terminal(status);
  }
}

function inputItems(input: TurnInput): unknown[] {
  const { content } = input;
  switch (content.kind) {
    case 'prompt':
      return [
        { type: 'message', role: 'user', content: [{ type: 'input_text', text: content.text }] },
      ];
    case 'tool_results':
      return content.results.map(({ callId, output }) => ({
        type: 'function_call_output',
        call_id: callId,
        output,
      }));
    case 'audio':
      throw new Error('openai-responses takes no spoken input');
  }
}

const citesUrl = (annotation: unknown): boolean =>
  isObject(annotation) && annotation['type'] === 'url_citation';

/** What an item that is whole has reached. */
function tellLandmarks(item: unknown, sink: MeaningSink): void {
  if (!isObject(item)) return;
  const { type, status } = item;
  if (type === 'function_call' || type === 'custom_tool_call') {
    if (status === 'incomplete' || !areWhole(item['arguments'])) return;
    sink.landmark(argumentsComplete.name);
    return;
  }
  for (const part of arrayAt(item, 'content')) {
    if (isObject(part) && arrayAt(part, 'annotations').some(citesUrl)) {
      sink.landmark(firstSource.name);
    }
  }
}

function emitDelta(
  kind: 'content' | 'reasoning' | 'tool_arguments',
  json: JsonObject,
  sink: MeaningSink,
): void {
  const delta = json['delta'];
  if (typeof delta === 'string' && delta !== '') sink.token(kind, delta);
  else sink.progress();
}

/** Of a stored response that is over. */
function outputTokens(body: string): number | undefined {
  let response: unknown;
  try {
    response = JSON.parse(body);
  } catch {
    return undefined;
  }
  if (!isObject(response)) return undefined;
  const status = textAt(response, 'status');
  if (status === 'in_progress' || status === 'queued') return undefined;
  return numberAt(objectAt(response, 'usage') ?? {}, 'output_tokens');
}

export const openaiResponses = defineDialect({
  name: 'openai-responses',
  transports: ['sse', 'websocket', 'http'],
  options,
  supports: {
    audioInput: false,
    tools: true,
    freshTurns: true,
    resume: ['sse'],
    cancel: 'request',
    verify: true,
    diagnose: { model: 'gpt-5.4-mini', keyVariable: 'OPENAI_API_KEY' },
    sdk: async () => (await import('./sdk.ts')).sdk,
  },
  landmarks: [argumentsComplete, firstSource],
  summary: 'Responses API (POST /responses, or a WebSocket on the same path)',
  webSocketPath: () => '/responses',
  authorize: (apiKey) => ({ authorization: `Bearer ${apiKey}` }),
  check,
  eventKind: responseEventKind,
  start: (settings) => new ResponsesConversation(settings),
});
