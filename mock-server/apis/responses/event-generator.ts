/**
 * The event sequence of one response, the same for SSE and WebSocket. It knows nothing of a
 * connection: `emit` gets each event's JSON without the closing brace, so that the code that writes it
 * can add members (`stream_id`, a send-time stamp) without building the text again.
 */
import { newId } from '../../http/context.ts';
import { obfuscationMember } from '../../http/obfuscation.ts';
import type { OutputPlan, Piece } from '../../timing/output-plan.ts';
import { annotationOf, citationsOf } from '../../timing/sources.ts';
import type { ResponsesRequest } from './request.ts';
import {
  responseObject,
  type OutputItem,
  type ResponseObject,
  type ResponseState,
} from './response-object.ts';

export interface ResponseEvent {
  /** `sequence_number`. */
  n: number;
  type: string;
  /** The event as JSON, without its closing brace. */
  open: string;
  /** The piece it carries, where it is a delta. */
  piece: Piece | undefined;
  /** Undefined: due when it is emitted. */
  dueNs: number | undefined;
}

export interface GeneratorOptions {
  id: string;
  /** Wall-clock time. */
  unixSeconds(): number;
  request: ResponsesRequest;
  plan: OutputPlan;
  emit(event: ResponseEvent): void;
  onToolCall(name: string, callId: string): void;
}

/** The item that is being written. */
interface OpenItem {
  planItem: number;
  kind: Piece['kind'];
  id: string;
  text: string;
  /** What a delta starts with, up to its text. */
  deltaHead: string;
  /** What follows the text. */
  deltaTail: string;
  callId: string;
  name: string;
  annotations: Record<string, unknown>[];
}

const part = (text: string, annotations: readonly unknown[] = []): OutputItem => ({
  type: 'output_text',
  text,
  annotations,
  logprobs: [],
});

export class ResponseGenerator {
  private readonly options: GeneratorOptions;
  private readonly createdAt: number;
  private readonly output: OutputItem[] = [];
  private sequence = 0;
  private item: OpenItem | undefined;
  private dueNs: number | undefined;
  private last: ResponseState = { status: 'in_progress', output: [] };

  constructor(options: GeneratorOptions) {
    this.options = options;
    this.createdAt = options.unixSeconds();
  }

  /** The response as it stands. */
  get response(): ResponseObject {
    const { id, request } = this.options;
    return responseObject(id, this.createdAt, request, { ...this.last, output: [...this.output] });
  }

  /** `response.created` and, in the background, `response.queued`. */
  created(): void {
    const { background } = this.options.request;
    this.last = { status: background ? 'queued' : 'in_progress', output: [] };
    this.state('response.created');
    if (background) this.state('response.queued');
  }

  inProgress(): void {
    this.last = { status: 'in_progress', output: [] };
    this.state('response.in_progress');
  }

  piece(piece: Piece, dueNs: number): void {
    this.dueNs = dueNs;
    if (this.item?.planItem !== piece.item) {
      this.closeItem('completed');
      this.openItem(piece);
    }
    const item = this.item!;
    item.text += piece.text;
    if (piece.kind === 'reasoning' && !this.options.request.summary) return;
    const padding = this.options.request.obfuscation ? obfuscationMember(piece.text.length) : '';
    const n = this.sequence++;
    this.options.emit({
      n,
      type: deltaTypes[piece.kind],
      open: `${item.deltaHead}${JSON.stringify(piece.text)}${item.deltaTail}${n}${padding}`,
      piece,
      dueNs,
    });
    if (piece.sources) this.cite(item, piece);
  }

  /** The end as planned: `response.completed`, or `response.incomplete` where the limit cut it. */
  finish(dueNs: number): void {
    this.dueNs = dueNs;
    const { plan } = this.options;
    const cut = plan.finish === 'length';
    this.closeItem(cut ? 'incomplete' : 'completed');
    this.last = {
      status: cut ? 'incomplete' : 'completed',
      output: [],
      usageOf: plan,
      ...(cut
        ? { incompleteReason: 'max_output_tokens' }
        : { completedAt: this.options.unixSeconds() }),
    };
    this.state(cut ? 'response.incomplete' : 'response.completed');
  }

  /** The end of a response that breaks: `error`, then `response.failed`. */
  fail(): void {
    this.dueNs = undefined;
    const error = {
      code: 'server_error',
      message: 'The server had an error processing your request',
    };
    this.event('error', { ...error, param: null });
    this.last = { status: 'failed', output: [], error };
    this.state('response.failed');
  }

  /** The end of a background response that was cancelled by an API call. */
  cancel(): void {
    this.dueNs = undefined;
    this.closeItem('incomplete');
    this.last = { status: 'cancelled', output: [] };
    this.state('response.cancelled');
  }

  private state(type: string): void {
    this.event(type, { response: this.response });
  }

  private event(type: string, members: Record<string, unknown>): void {
    const n = this.sequence++;
    const json = JSON.stringify({ type, sequence_number: n, ...members });
    this.options.emit({ n, type, open: json.slice(0, -1), piece: undefined, dueNs: this.dueNs });
  }

  /** Members that point into the item being written. */
  private place(more: Record<string, unknown> = {}): Record<string, unknown> {
    return { item_id: this.item!.id, output_index: this.output.length, ...more };
  }

  private cite(item: OpenItem, piece: Piece): void {
    for (const annotation of citationsOf(piece, item.text.length).map(annotationOf)) {
      const at = { content_index: 0, annotation_index: item.annotations.length };
      item.annotations.push(annotation);
      this.event('response.output_text.annotation.added', this.place({ ...at, annotation }));
    }
  }

  private openItem(piece: Piece): void {
    const prefix = { reasoning: 'rs', content: 'msg', audio: 'msg', tool_arguments: 'fc' }[
      piece.kind
    ];
    const call = this.options.plan.toolCalls.find((one) => one.item === piece.item);
    const item: OpenItem = {
      planItem: piece.item,
      kind: piece.kind,
      id: newId(prefix),
      text: '',
      deltaHead: '',
      deltaTail: ',"sequence_number":',
      callId: call?.callId ?? '',
      name: call?.name ?? '',
      annotations: [],
    };
    this.item = item;
    const within =
      piece.kind === 'reasoning'
        ? { summary_index: 0 }
        : piece.kind === 'content'
          ? { content_index: 0 }
          : {};
    const head = JSON.stringify({ type: deltaTypes[piece.kind], ...this.place(within) });
    item.deltaHead = `${head.slice(0, -1)},"delta":`;
    if (piece.kind === 'content') item.deltaTail = `,"logprobs":[]${item.deltaTail}`;
    if (piece.kind === 'tool_arguments') this.options.onToolCall(item.name, item.callId);
    const added = { output_index: this.output.length, item: this.wireItem(item, 'in_progress') };
    this.event('response.output_item.added', added);
    if (piece.kind === 'content') {
      this.event('response.content_part.added', this.place({ content_index: 0, part: part('') }));
    } else if (piece.kind === 'reasoning' && this.options.request.summary) {
      this.event(
        'response.reasoning_summary_part.added',
        this.place({ summary_index: 0, part: { type: 'summary_text', text: '' } }),
      );
    }
  }

  /** @param status - `incomplete` for an item that was cut. */
  private closeItem(status: 'completed' | 'incomplete'): void {
    const { item } = this;
    if (!item) return;
    const { text } = item;
    if (item.kind === 'content') {
      const at = this.place({ content_index: 0 });
      this.event('response.output_text.done', { ...at, text, logprobs: [] });
      this.event('response.content_part.done', { ...at, part: part(text, item.annotations) });
    } else if (item.kind === 'tool_arguments') {
      const done = { name: item.name, arguments: text };
      this.event('response.function_call_arguments.done', this.place(done));
    } else if (this.options.request.summary) {
      const at = this.place({ summary_index: 0 });
      this.event('response.reasoning_summary_text.done', { ...at, text });
      const summary = { type: 'summary_text', text };
      this.event('response.reasoning_summary_part.done', { ...at, part: summary });
    }
    const done = this.wireItem(item, status);
    this.event('response.output_item.done', { output_index: this.output.length, item: done });
    this.output.push(done);
    this.item = undefined;
  }

  private wireItem(item: OpenItem, status: string): OutputItem {
    const { id, text } = item;
    const begun = status === 'in_progress';
    switch (item.kind) {
      case 'reasoning': {
        const shown = !begun && this.options.request.summary;
        return { id, type: 'reasoning', summary: shown ? [{ type: 'summary_text', text }] : [] };
      }
      case 'tool_arguments':
        return {
          id,
          type: 'function_call',
          status,
          arguments: text,
          call_id: item.callId,
          name: item.name,
        };
      default:
        return {
          id,
          type: 'message',
          status,
          role: 'assistant',
          content: begun ? [] : [part(text, item.annotations)],
        };
    }
  }
}

const deltaTypes: Record<Piece['kind'], string> = {
  reasoning: 'response.reasoning_summary_text.delta',
  content: 'response.output_text.delta',
  tool_arguments: 'response.function_call_arguments.delta',
  audio: 'response.audio.delta',
};

/** The event as an SSE block. */
export function sseBlock(event: ResponseEvent): string {
  return `event: ${event.type}\ndata: ${event.open}}\n\n`;
}
