/**
 * One response: turns the pieces of a planned answer into the API's events, in the API's order, and
 * keeps the items it produces. Sends nothing on its own initiative: the host says when.
 */
import type { Piece } from '../../timing/output-plan.ts';
import { speechBase64, speechMs } from './audio/speech.ts';
import type { EventWriter, Stamper } from './events.ts';
import type {
  AnswerFailure,
  AnswerSink,
  LeaveReason,
  RealtimeHost,
  RunningAnswer,
} from './host.ts';
import {
  withoutAudio,
  type Conversation,
  type FunctionCallItem,
  type ItemStatus,
  type MessageItem,
  type StoredItem,
} from './items.ts';
import { describeResponse, type ResponseStatus } from './response-object.ts';
import type { InputTokens, ResponseSettings } from './response-settings.ts';

export type CancelReason = 'turn_detected' | 'client_cancelled';

export interface ResponseOptions {
  id: string;
  conversationId: string;
  settings: ResponseSettings;
  inputTokens: InputTokens;
  /** How much of the input was part of an earlier response's input. */
  cachedTokens: number;
  conversation: Conversation;
  host: RealtimeHost;
  writer: EventWriter;
  /** Whether events carry their index and send time. */
  truth: boolean;
  /** Called once, after `response.done`. */
  onDone(response: Response): void;
  /** The connection is to be cut. */
  onCut(): void;
}

/** The output item that is being produced. */
interface OpenItem {
  index: number;
  /** Which item of the plan it is. */
  planItem: number;
  stored: StoredItem;
  previousId: string | null;
  text: string;
  /** Members that every delta of it repeats, as JSON. */
  deltaHead: string;
}

export class Response implements AnswerSink, Stamper {
  readonly id: string;
  readonly settings: ResponseSettings;
  #status: ResponseStatus = 'in_progress';
  #statusDetails: Record<string, unknown> | null = null;
  readonly #options: ResponseOptions;
  #answer: RunningAnswer | undefined;
  #open: OpenItem | undefined;
  readonly #output: StoredItem[] = [];
  #textTokens = 0;
  #audioTokens = 0;
  #audioMs = 0;
  #chunks = 0;
  /** Index of the next stamped event, and what it carries. */
  #n = 0;
  #piece: Piece | undefined;
  #dueNs: number | undefined;

  constructor(options: ResponseOptions) {
    this.#options = options;
    this.id = options.id;
    this.settings = options.settings;
  }

  get status(): ResponseStatus {
    return this.#status;
  }

  /** Playing time of the audio it has sent, ms. */
  get audioMs(): number {
    return this.#audioMs;
  }

  /** Says `response.created`; `answer` feeds it from then on. */
  begin(answer: RunningAnswer): void {
    this.#answer = answer;
    this.#send('response.created', { response: this.#describe() });
  }

  piece(piece: Piece, dueNs: number): void {
    // What a model thinks costs time and tokens; the Realtime API does not show it.
    if (piece.kind === 'reasoning') {
      this.#textTokens += piece.tokens;
      return;
    }
    this.#dueNs = dueNs;
    if (this.#open?.planItem !== piece.item) {
      this.#closeItem('completed');
      this.#openItem(piece);
    }
    this.#delta(this.#open!, piece);
    this.#dueNs = undefined;
  }

  end(finish: 'stop' | 'length' | 'tool_calls', dueNs: number): void {
    this.#dueNs = dueNs;
    if (finish === 'length') {
      this.#done('incomplete', { type: 'incomplete', reason: 'max_output_tokens' });
    } else {
      this.#done('completed', null);
    }
  }

  fail(failure: AnswerFailure): void {
    this.#done('failed', { type: 'failed', error: failure });
  }

  cut(): void {
    this.#answer?.finished('truncated');
    this.#options.onCut();
  }

  cancel(reason: CancelReason): void {
    if (this.#status !== 'in_progress') return;
    this.#done('cancelled', { type: 'cancelled', reason });
  }

  /** The client's socket is gone. */
  left(why: LeaveReason): void {
    this.#answer?.left(why);
  }

  stamp(): string {
    const t = Math.round(this.#options.host.scheduler.now() * 10) / 10;
    const n = this.#n++;
    this.#answer?.sent(t, this.#dueNs ?? t, this.#piece);
    return this.#options.truth ? `,"x_streamgauge":{"n":${n},"t":${t}}` : '';
  }

  #send(type: string, members: Record<string, unknown>): void {
    this.#options.writer.send(type, members, this);
  }

  #openItem(piece: Piece): void {
    const { conversation, host } = this.#options;
    const index = this.#output.length;
    const item =
      piece.kind === 'tool_arguments'
        ? this.#functionCall(piece)
        : ({
            id: host.newId('item'),
            object: 'realtime.item',
            type: 'message',
            status: 'in_progress',
            role: 'assistant',
            content: [],
          } satisfies MessageItem);
    const shown = structuredClone(item);
    let stored: StoredItem = { item, audioMs: 0 };
    let previousId: string | null = null;
    if (this.settings.inConversation) {
      previousId = conversation.insert(item, 0, undefined);
      stored = conversation.find(item.id)!;
    }
    this.#output.push(stored);
    this.#send('response.output_item.added', {
      response_id: this.id,
      output_index: index,
      item: shown,
    });
    if (this.settings.inConversation) {
      this.#send('conversation.item.added', { previous_item_id: previousId, item: shown });
    }
    const place = `,"response_id":"${this.id}","item_id":"${item.id}","output_index":${index}`;
    this.#open = {
      index,
      planItem: piece.item,
      stored,
      previousId,
      text: '',
      deltaHead:
        item.type === 'function_call'
          ? `${place},"call_id":${JSON.stringify(item.call_id)},"delta":`
          : `${place},"content_index":0,"delta":`,
    };
    if (item.type === 'message') this.#openPart(item, index);
  }

  #openPart(item: MessageItem, index: number): void {
    const audio = this.settings.modality === 'audio';
    item.content.push(
      audio ? { type: 'output_audio', transcript: '' } : { type: 'output_text', text: '' },
    );
    this.#send('response.content_part.added', {
      response_id: this.id,
      item_id: item.id,
      output_index: index,
      content_index: 0,
      part: audio ? { type: 'audio', transcript: '' } : { type: 'text', text: '' },
    });
  }

  #functionCall(piece: Piece): FunctionCallItem {
    const planned = this.#answer!.toolCalls.find((call) => call.item === piece.item)!;
    this.#answer!.toolCall(planned.name, planned.callId);
    return {
      id: this.#options.host.newId('item'),
      object: 'realtime.item',
      type: 'function_call',
      status: 'in_progress',
      call_id: planned.callId,
      name: planned.name,
      arguments: '',
    };
  }

  #delta(open: OpenItem, piece: Piece): void {
    const { writer } = this.#options;
    const text = `${open.deltaHead}${JSON.stringify(piece.text)}`;
    open.text += piece.text;
    if (piece.kind === 'audio') {
      if (piece.text !== '') {
        writer.sendRaw('response.output_audio_transcript.delta', text, this);
      }
      this.#audioDelta(open, piece);
      return;
    }
    this.#textTokens += piece.tokens;
    this.#piece = piece;
    writer.sendRaw(
      piece.kind === 'content'
        ? 'response.output_text.delta'
        : 'response.function_call_arguments.delta',
      text,
      this,
    );
    this.#piece = undefined;
  }

  #audioDelta(open: OpenItem, piece: Piece): void {
    const { writer, host } = this.#options;
    const ms = piece.tokens * host.msPerAudioToken;
    const audio = speechBase64(ms, this.settings.format, this.#chunks++);
    const playing = speechMs(ms, this.settings.format);
    this.#audioTokens += piece.tokens;
    this.#audioMs += playing;
    open.stored.audioMs += playing;
    this.#piece = piece;
    writer.sendRaw('response.output_audio.delta', `${open.deltaHead}"${audio}"`, this);
    this.#piece = undefined;
  }

  #closeItem(status: ItemStatus): void {
    const open = this.#open;
    if (!open) return;
    this.#open = undefined;
    const { item } = open.stored;
    item.status = status;
    const place = { response_id: this.id, item_id: item.id, output_index: open.index };
    if (item.type === 'function_call') {
      item.arguments = open.text;
      this.#send('response.function_call_arguments.done', {
        ...place,
        call_id: item.call_id,
        name: item.name,
        arguments: open.text,
      });
    } else if (item.type === 'message') {
      this.#closePart(item, open.text, place);
    }
    const shown = withoutAudio(item);
    this.#send('response.output_item.done', {
      response_id: this.id,
      output_index: open.index,
      item: shown,
    });
    if (this.settings.inConversation) {
      this.#send('conversation.item.done', { previous_item_id: open.previousId, item: shown });
    }
  }

  #closePart(item: MessageItem, text: string, place: Record<string, unknown>): void {
    const at = { ...place, content_index: 0 };
    const part = item.content[0]!;
    if (part.type === 'output_audio') {
      part.transcript = text;
      this.#send('response.output_audio.done', at);
      this.#send('response.output_audio_transcript.done', { ...at, transcript: text });
      this.#send('response.content_part.done', {
        ...at,
        part: { type: 'audio', transcript: text },
      });
      return;
    }
    part.text = text;
    this.#send('response.output_text.done', { ...at, text });
    this.#send('response.content_part.done', { ...at, part: { type: 'text', text } });
  }

  #done(
    status: Exclude<ResponseStatus, 'in_progress'>,
    details: Record<string, unknown> | null,
  ): void {
    if (this.#status !== 'in_progress') return;
    this.#closeItem(status === 'completed' ? 'completed' : 'incomplete');
    this.#status = status;
    this.#statusDetails = details;
    this.#send('response.done', { response: this.#describe() });
    this.#answer?.finished(status === 'incomplete' ? 'completed' : status);
    this.#options.onDone(this);
  }

  #describe(): Record<string, unknown> {
    const { conversationId, inputTokens, cachedTokens } = this.#options;
    return describeResponse({
      id: this.id,
      status: this.#status,
      statusDetails: this.#statusDetails,
      output: this.#output.map((stored) => stored.item),
      conversationId,
      settings: this.settings,
      tokens: {
        input: inputTokens,
        cached: cachedTokens,
        outputText: this.#textTokens,
        outputAudio: this.#audioTokens,
      },
    });
  }
}
