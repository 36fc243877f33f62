/**
 * One Realtime session: what each client event does. Knows no socket; see `host.ts` for what it
 * stands on and `socket.ts` for what stands on it.
 */
import type { Scheduled } from '../../../src/timer/scheduler.ts';
import {
  cancelSchema,
  createSchema,
  namedItemSchema,
  readEvent,
  streamIdOf,
  truncateSchema,
  type ClientEvent,
} from './client-events.ts';
import { EventWriter } from './events.ts';
import type { LeaveReason, RealtimeHost, SessionPort } from './host.ts';
import { IdleTimer } from './idle-timer.ts';
import { announceItem, base64Ms, InputAudio } from './input-audio.ts';
import { Conversation, readItem, type Item, type MessageItem } from './items.ts';
import { EventProblem } from './problem.ts';
import type { Response } from './response.ts';
import { Responses } from './responses.ts';
import { check } from './schema-problem.ts';
import { applyUpdate, defaultConfig, readUpdate, type SessionConfig } from './session-config.ts';
import type { SessionUpdate } from './session-schema.ts';
import { Transcriber } from './transcription.ts';

export interface SessionOptions {
  host: RealtimeHost;
  port: SessionPort;
  type: SessionConfig['type'];
  model: string;
  /** Configuration that came with a client secret. */
  initial?: SessionUpdate | undefined;
  /** Whether the client asked for ground truth on the wire. */
  truth: boolean;
}

export class RealtimeSession {
  readonly #host: RealtimeHost;
  readonly #port: SessionPort;
  readonly #writer: EventWriter;
  readonly #conversation: Conversation;
  readonly #input: InputAudio;
  readonly #responses: Responses;
  readonly #transcriber: Transcriber;
  readonly #idle: IdleTimer;
  #config: SessionConfig;
  #expiry: Scheduled | undefined;
  #open = true;
  /** Names the stream of a response that voice detection starts. */
  #spokenStreamId: string | undefined;

  readonly #handlers: Readonly<Record<string, (event: ClientEvent) => void>> = {
    'session.update': (event) => this.#update(event),
    'input_audio_buffer.append': (event) => this.#append(event),
    'input_audio_buffer.commit': () => this.#input.commit(),
    'input_audio_buffer.clear': () => this.#input.clear(),
    'conversation.item.create': (event) => this.#createItem(event),
    'conversation.item.retrieve': (event) => this.#retrieve(event),
    'conversation.item.truncate': (event) => this.#truncate(event),
    'conversation.item.delete': (event) => this.#delete(event),
    'response.create': (event) => this.#createResponse(event),
    'response.cancel': (event) => {
      this.#responses.cancel(check(cancelSchema, event, '').response_id ?? undefined);
    },
    'output_audio_buffer.clear': () => {
      throw new EventProblem(
        'output_audio_buffer.clear is only available on WebRTC and SIP connections.',
        { code: 'invalid_event', param: 'type' },
      );
    },
  };

  constructor(options: SessionOptions) {
    const { host, port } = options;
    this.#host = host;
    this.#port = port;
    this.#conversation = new Conversation(host.audioKeeper);
    const id = host.newId('sess');
    const expiresAt = Math.floor((host.wallMs() + host.sessionLifetimeMs) / 1000);
    const config = defaultConfig(options.type, { id, model: options.model, expiresAt });
    this.#config = options.initial
      ? applyUpdate(config, options.initial, { spoken: false })
      : config;
    this.#writer = new EventWriter((text) => {
      if (this.#open) port.send(text);
    }, id.slice(-8));
    this.#transcriber = new Transcriber(host.scheduler, this.#writer);
    this.#responses = new Responses({
      conversationId: host.newId('conv'),
      conversation: this.#conversation,
      host,
      writer: this.#writer,
      truth: options.truth,
      onDone: (response) => this.#onResponseDone(response),
      onCut: () => port.terminate(),
      unread: () => port.unread?.() ?? 0,
    });
    this.#input = new InputAudio({
      config: this.#config.audio.input,
      conversation: this.#conversation,
      writer: this.#writer,
      newId: host.newId,
      listener: {
        speechStarted: () => this.#onSpeechStarted(),
        committed: (item, ms, detected) => this.#onCommitted(item, ms, detected),
      },
    });
    this.#idle = new IdleTimer({
      scheduler: host.scheduler,
      audioEndMs: () => this.#input.endMs,
      onIdle: (startMs) => this.#guard(undefined, () => this.#input.timeOut(startMs)),
    });
  }

  /** Says `session.created`; the session's lifetime counts from here. */
  start(): void {
    const { scheduler, sessionLifetimeMs } = this.#host;
    this.#writer.send('session.created', { session: this.#config });
    this.#expiry = scheduler.at(scheduler.now() + sessionLifetimeMs * 1e6, () => this.#expire());
  }

  /** One text message of the client. Never throws: what is wrong with it is told to the client. */
  receive(text: string): void {
    if (!this.#open) return;
    let event: unknown;
    try {
      event = JSON.parse(text);
    } catch {
      this.#sendError(
        new EventProblem('The event could not be parsed as JSON.', { code: 'invalid_json' }),
        null,
      );
      return;
    }
    const id = (event as { event_id?: unknown } | null)?.event_id;
    this.#guard(typeof id === 'string' ? id : undefined, () => this.#handle(event));
  }

  /** A binary message; the protocol has none. */
  receiveBinary(): void {
    this.#guard(undefined, () => {
      throw new EventProblem('Events must be sent as text messages, not as binary ones.', {
        code: 'invalid_event',
      });
    });
  }

  /** The socket is gone. Idempotent. */
  left(why: LeaveReason = 'client_left'): void {
    if (!this.#open) return;
    this.#open = false;
    this.#expiry?.cancel();
    this.#idle.disarm();
    this.#transcriber.close();
    this.#responses.left(why);
    this.#conversation.close();
  }

  #handle(event: unknown): void {
    const read = readEvent(event, Object.keys(this.#handlers));
    this.#handlers[read.type]!(read);
  }

  #update(event: ClientEvent): void {
    const update = readUpdate(event['session']);
    this.#config = applyUpdate(this.#config, update, { spoken: this.#responses.spoken });
    this.#input.configure(this.#config.audio.input);
    this.#writer.send('session.updated', { session: this.#config });
  }

  #append(event: ClientEvent): void {
    this.#spokenStreamId = streamIdOf(event) ?? this.#spokenStreamId;
    this.#input.append(event['audio']);
  }

  #createItem(event: ClientEvent): void {
    const { previous_item_id: after } = check(createSchema, event, '');
    const item = readItem(event['item'], 'item', this.#host.newId);
    if (item.type === 'function_call_output' && !this.#conversation.hasCall(item.call_id)) {
      throw new EventProblem(`Tool call ID '${item.call_id}' not found in conversation.`, {
        code: 'invalid_tool_call_id',
        param: 'item.call_id',
      });
    }
    const previousId = this.#conversation.insert(item, this.#spokenMs(item), after);
    announceItem(this.#writer, item, previousId);
  }

  #spokenMs(item: Item): number {
    if (item.type !== 'message') return 0;
    const { format } = this.#config.audio.input;
    return item.content.reduce((sum, { audio }) => sum + (audio ? base64Ms(audio, format) : 0), 0);
  }

  #retrieve(event: ClientEvent): void {
    const id = check(namedItemSchema, event, '').item_id;
    const stored = this.#conversation.find(id);
    if (!stored) throw unknownItem('retriev', 'item_retrieve_invalid_item_id', id);
    this.#writer.send('conversation.item.retrieved', { item: stored.item });
  }

  #truncate(event: ClientEvent): void {
    const {
      item_id: id,
      content_index: index,
      audio_end_ms: end,
    } = check(truncateSchema, event, '');
    this.#conversation.truncate(id, index, end);
    this.#writer.send('conversation.item.truncated', {
      item_id: id,
      content_index: index,
      audio_end_ms: end,
    });
  }

  #delete(event: ClientEvent): void {
    const id = check(namedItemSchema, event, '').item_id;
    if (!this.#conversation.delete(id)) {
      throw unknownItem('delet', 'item_delete_invalid_item_id', id);
    }
    this.#writer.send('conversation.item.deleted', { item_id: id });
  }

  #createResponse(event: ClientEvent): void {
    this.#respond(event['response'], streamIdOf(event));
  }

  #respond(params: unknown, streamId: string | undefined): void {
    if (this.#config.type !== 'realtime') {
      throw new EventProblem('Responses cannot be created in a transcription session.', {
        code: 'invalid_event',
        param: 'type',
      });
    }
    this.#idle.disarm();
    this.#responses.create(this.#config, params, streamId);
  }

  #onSpeechStarted(): void {
    this.#idle.disarm();
    if (this.#config.audio.input.turn_detection?.interrupt_response) {
      this.#responses.cancelActive('turn_detected');
    }
  }

  #onCommitted(item: MessageItem, audioMs: number, detected: boolean): void {
    this.#idle.disarm();
    const { transcription, turn_detection: detection } = this.#config.audio.input;
    if (transcription) this.#transcriber.transcribe(item, audioMs, transcription);
    if (detected && detection?.create_response && this.#config.type === 'realtime') {
      this.#respond(undefined, this.#spokenStreamId);
    }
  }

  #onResponseDone(response: Response): void {
    const detection = this.#config.audio.input.turn_detection;
    if (detection?.type !== 'server_vad' || detection.idle_timeout_ms === null) return;
    if (response.status !== 'completed' || this.#input.speaking) return;
    this.#idle.arm(response.audioMs, detection.idle_timeout_ms);
  }

  #expire(): void {
    const minutes = Math.round((this.#host.sessionLifetimeMs / 60_000) * 100) / 100;
    const message = `Your session hit the maximum duration of ${minutes} minutes.`;
    this.#sendError(new EventProblem(message, { code: 'session_expired' }), null);
    this.#port.close(1001, message);
    this.left();
  }

  /** Runs a client event's handler; what is wrong with the event becomes an `error` event. */
  #guard(eventId: string | undefined, action: () => void): void {
    try {
      action();
    } catch (thrown) {
      const problem =
        thrown instanceof EventProblem
          ? thrown
          : new EventProblem('The server had an error while processing your event.', {
              type: 'server_error',
              code: 'server_error',
            });
      this.#sendError(problem, eventId ?? null);
    }
  }

  #sendError(problem: EventProblem, eventId: string | null): void {
    const { type, code, message, param } = problem;
    this.#writer.send('error', { error: { type, code, message, param, event_id: eventId } });
  }
}

function unknownItem(verb: string, code: string, id: string): EventProblem {
  return new EventProblem(`Error ${verb}ing item: the item with ID '${id}' does not exist.`, {
    code,
    param: 'item_id',
  });
}
