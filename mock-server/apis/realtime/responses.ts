/** The responses of one session: at most one writes to the conversation, others run at the same time as it. */
import type { EventWriter } from './events.ts';
import type { LeaveReason, RealtimeHost } from './host.ts';
import type { Conversation } from './items.ts';
import { EventProblem } from './problem.ts';
import { inputTokens, outputRequest, readResponseSettings } from './response-settings.ts';
import { Response, type CancelReason } from './response.ts';
import type { RealtimeConfig } from './session-config.ts';

/** Out-of-band responses at once; a client that asks for more is broken. */
const mostAtOnce = 64;

export interface ResponsesOptions {
  conversationId: string;
  conversation: Conversation;
  host: RealtimeHost;
  writer: EventWriter;
  /** Whether the client asked for ground truth. */
  truth: boolean;
  /** A response that wrote to the conversation is done. */
  onDone(response: Response): void;
  onCut(): void;
  /** Bytes of the session that wait to be read. */
  readonly unread: () => number;
}

export class Responses {
  readonly #options: ResponsesOptions;
  readonly #running = new Map<string, Response>();
  #active: Response | undefined;
  #spoken = false;
  /** Input tokens of the last response in the conversation: the prefix that is cached by now. */
  #cachedTokens = 0;

  constructor(options: ResponsesOptions) {
    this.#options = options;
  }

  /** Whether any audio has been produced. */
  get spoken(): boolean {
    return this.#spoken || [...this.#running.values()].some((response) => response.audioMs > 0);
  }

  get active(): Response | undefined {
    return this.#active;
  }

  /** @param params - the `response` member of `response.create`, undefined where voice started it. */
  create(config: RealtimeConfig, params: unknown, streamId: string | undefined): void {
    const { host, conversation, conversationId, writer, truth, unread } = this.#options;
    const settings = readResponseSettings(params, config, conversation, host.newId);
    if (settings.inConversation && this.#active) {
      throw new EventProblem(
        `Conversation already has an active response in progress: ${this.#active.id}. Wait until the response is finished before creating a new one.`,
        { code: 'conversation_already_has_active_response' },
      );
    }
    if (this.#running.size >= mostAtOnce) {
      throw new EventProblem(`Too many responses in progress: at most ${mostAtOnce}.`, {
        code: 'too_many_active_responses',
      });
    }
    const tokens = inputTokens(settings);
    const id = host.newId('resp');
    const response = new Response({
      id,
      conversationId,
      settings,
      inputTokens: tokens,
      cachedTokens: settings.inConversation ? this.#cachedTokens : 0,
      conversation,
      host,
      writer,
      truth,
      onDone: (done) => this.#onDone(done),
      onCut: () => this.#options.onCut(),
    });
    this.#running.set(id, response);
    if (settings.inConversation) {
      this.#active = response;
      this.#cachedTokens = tokens.text + tokens.audio + tokens.image;
    }
    const output = outputRequest(settings, tokens, streamId);
    response.begin(
      host.answer({ output, streamId, model: config.model, responseId: id, unread }, response),
    );
  }

  /** The client's `response.cancel`. */
  cancel(id: string | undefined): void {
    const response = id === undefined ? this.#active : this.#running.get(id);
    if (!response) {
      throw new EventProblem(
        id === undefined
          ? 'Cancellation failed: no active response found.'
          : `Cancellation failed: response '${id}' is not in progress.`,
        { code: 'response_cancel_not_active', param: id === undefined ? null : 'response_id' },
      );
    }
    response.cancel('client_cancelled');
  }

  cancelActive(reason: CancelReason): void {
    this.#active?.cancel(reason);
  }

  /** The client's socket is gone. */
  left(why: LeaveReason): void {
    for (const response of this.#running.values()) response.left(why);
    this.#running.clear();
    this.#active = undefined;
  }

  #onDone(response: Response): void {
    const { host, writer } = this.#options;
    this.#running.delete(response.id);
    this.#spoken ||= response.audioMs > 0;
    writer.send('rate_limits.updated', { rate_limits: host.rateLimits() });
    if (response !== this.#active) return;
    this.#active = undefined;
    this.#options.onDone(response);
  }
}
