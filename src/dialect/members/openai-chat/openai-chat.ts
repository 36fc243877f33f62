/**
 * Chat Completions: anonymous events, one JSON chunk each, ended by the literal `[DONE]`.
 * Compatible servers (vLLM, llama.cpp, DeepSeek, Perplexity) differ in small ways that are accepted
 * here: `reasoning_content` or `reasoning` deltas, a missing `[DONE]` after a finish_reason, sources
 * as `citations`, `search_results` or annotations.
 */
import { chatContentDelta, mayHoldUrl } from './fast-delta.ts';
import type { Frame, WireRequest } from '../../../transport/transport.ts';
import {
  defineDialect,
  type Conversation,
  type ConversationOptions,
  type MeaningSink,
  type TerminalStatus,
  type ToolCall,
  type TurnInput,
} from '../../dialect.ts';
import { argumentsComplete, firstSource } from '../../shared/landmarks.ts';
import { chatEventKind } from './chat-event-kind.ts';
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

type Message = Record<string, unknown>;

interface PartialCall {
  id: string;
  name: string;
  arguments: string;
}

class ChatConversation implements Conversation {
  private readonly options: ConversationOptions<object>;
  private readonly messages: Message[] = [];
  private text = '';
  private calls: PartialCall[] = [];
  private finishReason = '';
  /** Sources have come: events need not be searched for them any more. */
  private sourced = false;
  /** Id of the last event: where a broken stream continues. */
  private lastEventId = '';

  constructor(options: ConversationOptions<object>) {
    this.options = options;
  }

  ask(input: TurnInput): WireRequest {
    if (this.messages.length === 0 && input.instructions !== undefined) {
      this.messages.push({ role: 'system', content: input.instructions });
    }
    const { content } = input;
    if (content.kind === 'prompt') {
      this.messages.push({ role: 'user', content: content.text });
    } else if (content.kind === 'tool_results') {
      for (const { callId, output } of content.results) {
        this.messages.push({ role: 'tool', tool_call_id: callId, content: output });
      }
    }
    this.text = '';
    this.calls = [];
    this.finishReason = '';
    this.sourced = false;
    this.lastEventId = '';
    const { stream, model, extraBody } = this.options;
    return {
      streamId: input.streamId,
      method: 'POST',
      path: '/chat/completions',
      body: {
        model,
        messages: [...this.messages],
        stream,
        ...(stream ? { stream_options: { include_usage: true } } : {}),
        ...(input.maxTokens === undefined ? {} : { max_completion_tokens: input.maxTokens }),
        ...(input.tools.length === 0
          ? {}
          : {
              tools: input.tools.map((tool) => ({ type: 'function', function: tool })),
              tool_choice: input.toolChoice ?? 'auto',
            }),
        ...extraBody,
      },
    };
  }

  /** As a browser's EventSource: the same path, and the id of the last event in a header. */
  resume(streamId: string): WireRequest | undefined {
    if (this.lastEventId === '') return undefined;
    return {
      streamId,
      method: 'GET',
      path: '/chat/completions',
      headers: { 'last-event-id': this.lastEventId },
    };
  }

  decode(frame: Frame, sink: MeaningSink): void {
    if (frame.id !== '') {
      // An id outlives its event: an inherited one is not this event's number.
      if (this.options.resumable && frame.setsId) this.keepPlace(frame.id, sink);
      // A priming event names the stream before there is anything to say.
      if (frame.data === '') return;
    }
    if (frame.data === '[DONE]') {
      this.finish(sink);
      return;
    }
    // Some compatible servers name sources next to a delta.
    const isPlain = frame.event === '' && (this.sourced || !mayHoldUrl(frame.data));
    const text = isPlain ? chatContentDelta(frame.data) : undefined;
    if (text) {
      this.keep(text);
      sink.token('content', text);
      return;
    }
    const json = parseFrame(frame, sink);
    if (!json) return;
    if (json['error']) {
      reportError(json['error'], sink);
      return;
    }
    if (frame.event === 'error') {
      reportError(json, sink);
      return;
    }
    const choices = arrayAt(json, 'choices');
    let carriedTokens = false;
    if (namesSources(json)) this.tellSource(sink);
    for (const choice of choices) {
      if (!isObject(choice)) continue;
      const delta = objectAt(choice, 'delta');
      if (delta) carriedTokens = this.decodeDelta(delta, sink) || carriedTokens;
      else if (objectAt(choice, 'message')) {
        this.decodeWhole(objectAt(choice, 'message')!, sink);
        carriedTokens = true;
      }
      const reason = choice['finish_reason'];
      if (typeof reason === 'string') this.finishReason = reason;
      // Where the request demands one tool by its name, the reason is `stop`, not `tool_calls`.
      if (this.calls.length > 0 && this.finishReason !== '' && !isCut(this.finishReason)) {
        sink.landmark(argumentsComplete.name);
      }
    }
    const usage = objectAt(json, 'usage');
    if (usage) reportUsage(usage, 'prompt/completion', sink);
    if (!carriedTokens) sink.progress();
    if (json['object'] === 'chat.completion' && this.finishReason !== '') this.finish(sink);
    else if (choices.length === 0 && !usage && json['object'] === undefined) {
      sink.malformed('neither a chat completion chunk nor an error');
    }
  }

  /** Some compatible servers end the body after the finish_reason without `[DONE]`. */
  atCleanEnd(): TerminalStatus | undefined {
    return this.finishReason === '' ? undefined : statusOf(this.finishReason);
  }

  pendingToolCalls(): readonly ToolCall[] {
    return this.calls.map((call) => ({
      callId: call.id,
      name: call.name,
      arguments: call.arguments,
    }));
  }

  private keepPlace(id: string, sink: MeaningSink): void {
    this.lastEventId = id;
    const number = /(\d+)$/.exec(id)?.[1];
    if (number !== undefined && number.length < 16) sink.position(Number(number));
  }

  /** A thousand growing texts that are not going to be sent keep the garbage collector busy for nothing. */
  private keep(text: string): void {
    if (this.options.keepsHistory) this.text += text;
  }

  private tellSource(sink: MeaningSink): void {
    this.sourced = true;
    sink.landmark(firstSource.name);
  }

  private decodeDelta(delta: JsonObject, sink: MeaningSink): boolean {
    let carried = false;
    const content = delta['content'];
    if (typeof content === 'string' && content !== '') {
      this.keep(content);
      sink.token('content', content);
      carried = true;
    }
    const reasoning = delta['reasoning_content'] ?? delta['reasoning'];
    if (typeof reasoning === 'string' && reasoning !== '') {
      sink.token('reasoning', reasoning);
      carried = true;
    }
    const refusal = delta['refusal'];
    if (typeof refusal === 'string' && refusal !== '') {
      sink.token('content', refusal);
      carried = true;
    }
    if (arrayAt(delta, 'annotations').some(citesUrl)) this.tellSource(sink);
    const calls = delta['tool_calls'];
    if (!Array.isArray(calls)) return carried;
    for (const call of calls) {
      if (!isObject(call)) continue;
      const index = numberAt(call, 'index') ?? 0;
      // Nothing ends a call but the next one, or the finish_reason.
      if (!this.calls[index] && this.calls.length > 0) sink.landmark(argumentsComplete.name);
      const known = (this.calls[index] ??= { id: '', name: '', arguments: '' });
      known.id ||= textAt(call, 'id');
      const named = objectAt(call, 'function') ?? objectAt(call, 'custom');
      if (!named) continue;
      known.name ||= textAt(named, 'name');
      const piece = textAt(named, 'arguments') || textAt(named, 'input');
      if (piece === '') continue;
      known.arguments += piece;
      sink.token('tool_arguments', piece);
      carried = true;
    }
    return carried;
  }

  private decodeWhole(message: JsonObject, sink: MeaningSink): void {
    if (arrayAt(message, 'annotations').some(citesUrl)) this.tellSource(sink);
    const content = textAt(message, 'content');
    if (content !== '') {
      this.keep(content);
      sink.token('content', content);
    }
    for (const call of arrayAt(message, 'tool_calls')) {
      if (!isObject(call)) continue;
      const named = objectAt(call, 'function') ?? {};
      const args = textAt(named, 'arguments');
      this.calls.push({ id: textAt(call, 'id'), name: textAt(named, 'name'), arguments: args });
      if (args !== '') sink.token('tool_arguments', args);
    }
  }

  private finish(sink: MeaningSink): void {
    this.messages.push(
      this.calls.length === 0
        ? { role: 'assistant', content: this.text }
        : {
            role: 'assistant',
            content: this.text === '' ? null : this.text,
            tool_calls: this.calls.map((call) => ({
              id: call.id,
              type: 'function',
              function: { name: call.name, arguments: call.arguments },
            })),
          },
    );
    sink.terminal(statusOf(this.finishReason));
  }
}

/** Perplexity and those that follow it: URLs, or results with a URL, next to the choices. */
function namesSources(json: JsonObject): boolean {
  return arrayAt(json, 'citations').length > 0 || arrayAt(json, 'search_results').length > 0;
}

const citesUrl = (annotation: unknown): boolean =>
  isObject(annotation) && annotation['type'] === 'url_citation';

const isCut = (finishReason: string): boolean =>
  finishReason === 'length' || finishReason === 'content_filter';

function statusOf(finishReason: string): TerminalStatus {
  return isCut(finishReason) ? 'incomplete' : 'completed';
}

export const openaiChat = defineDialect({
  name: 'openai-chat',
  transports: ['sse', 'http'],
  options: {},
  supports: {
    audioInput: false,
    tools: true,
    freshTurns: true,
    resume: ['sse'],
    cancel: 'none',
    verify: true,
    diagnose: { model: 'gpt-5.4-mini', keyVariable: 'OPENAI_API_KEY' },
    sdk: async () => (await import('./sdk.ts')).sdk,
  },
  landmarks: [argumentsComplete, firstSource],
  summary: 'Chat Completions (POST /chat/completions) and everything compatible with it',
  authorize: (apiKey) => ({ authorization: `Bearer ${apiKey}` }),
  check({ resumes, target, mock }) {
    if (!resumes || target !== 'mock' || objectAt(mock, 'resume')?.['sse'] === true) return [];
    return [
      {
        path: ['reconnect'],
        code: 'resume-mismatch',
        message: 'the mock’s chat streams have no event ids, so nothing says where to continue',
        hints: ['add mock: { resume: { sse: true } }'],
      },
    ];
  },
  eventKind: chatEventKind,
  start: (options) => new ChatConversation(options),
});
