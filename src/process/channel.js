// @ts-check
/**
 * Questions and answers between a process and its child, in both directions. The protocol:
 *
 *     { kind: 'ask', number, question, input }      one question, numbered by who asks it
 *     { kind: 'answer', number, value }             the answer to it
 *     { kind: 'answer', number, error }             or why there is none
 *
 * A parent's first question is `$start`, its last is `$close`; the others are named by what is served.
 * Any number may be under way at once: an answer names its question. Messages are structured clones
 * ('advanced' serialization), so that Map, undefined, bytes, bigint and Infinity arrive as they left;
 * what cannot be cloned (a function, a symbol) fails the call and is refused by the types of
 * service.ts. A socket or a server may travel with an answer, see {@link WithHandle}. Messages of
 * another shape are ignored: preloaded modules may use the same pipe.
 *
 * Plain JavaScript, so that a child can run it both from the TypeScript sources and from the build.
 *
 * @typedef {import('./sent-error.js').SentError} SentError
 * @typedef {import('node:net').Socket | import('node:net').Server} Handle
 * @typedef {{ kind: 'ask', number: number, question: string, input: unknown }
 *   | { kind: 'answer', number: number, value?: unknown, error?: SentError }} Message
 * @typedef {{ value: unknown, handle: unknown }} Answer
 *
 * @typedef {object} Wait how long a question waits.
 * @property {number} [withinMs] default: `callMs` of limits.js
 * @property {AbortSignal} [signal] ends the waiting; the call then fails with the signal's reason
 *
 * @typedef {object} ChannelOptions
 * @property {{ name: string, code: string }} peer who is asked, as errors name it
 * @property {(message: Message, handle?: Handle) => void} send throws where a message cannot be cloned
 * @property {(question: string, input: unknown) => unknown} answer what this side answers; may be late
 * @property {(error: SentError) => Error} toError
 */
import { processLimits } from './limits.js';
import { sentErrorOf } from './sent-error.js';

/** The first question: what is to be served. Answered once it is. */
export const startQuestion = '$start';
/** The last one: end what is served. */
export const closeQuestion = '$close';

/** An answer with a socket or a server, which belongs to the asker afterwards. */
export class WithHandle {
  value;
  handle;

  /**
   * @param {unknown} value
   * @param {Handle} handle
   */
  constructor(value, handle) {
    this.value = value;
    this.handle = handle;
  }
}

export class CallChannel {
  #options;
  #asked = 0;
  /** @type {Map<number, { resolve: (answer: Answer) => void, reject: (reason: unknown) => void }>} */
  #waiting = new Map();
  /** @type {Error | undefined} */
  #ended;

  /** @param {ChannelOptions} options */
  constructor(options) {
    this.#options = options;
  }

  /**
   * Asks the other side.
   *
   * @param {string} question
   * @param {unknown} [input]
   * @param {Wait} [wait]
   * @returns {Promise<Answer>} fails with the other side's error; where the answer does not come in
   *   time; with the reason of an abort; and as soon as the channel ends.
   */
  ask(question, input, { withinMs = processLimits.callMs, signal } = {}) {
    if (this.#ended) return Promise.reject(this.#ended);
    if (signal?.aborted) return Promise.reject(reasonOf(signal));
    const { peer, send, toError } = this.#options;
    const number = (this.#asked += 1);
    return new Promise((resolve, reject) => {
      const over = () => {
        this.#waiting.delete(number);
        clearTimeout(timer);
        signal?.removeEventListener('abort', onAbort);
      };
      const fail = (/** @type {unknown} */ reason) => {
        over();
        reject(reason);
      };
      const onAbort = () => fail(signal && reasonOf(signal));
      const timer = setTimeout(() => {
        const what = question === startQuestion ? 'did not start' : `did not answer "${question}"`;
        const message = `${peer.name} ${what} within ${withinMs / 1000} s`;
        fail(toError({ message, code: `${peer.code}-no-answer` }));
      }, withinMs);
      signal?.addEventListener('abort', onAbort);
      this.#waiting.set(number, {
        resolve: (answer) => {
          over();
          resolve(answer);
        },
        reject: fail,
      });
      try {
        send({ kind: 'ask', number, question, input });
      } catch (error) {
        const message = `"${question}" cannot be sent to ${peer.name}: ${messageOf(error)}`;
        fail(toError({ message, code: `${peer.code}-unsendable` }));
      }
    });
  }

  /**
   * Takes in what the other side sent.
   *
   * @param {unknown} received
   * @param {unknown} [handle]
   */
  receive(received, handle) {
    if (typeof received !== 'object' || received === null) return;
    const message = /** @type {Partial<Message>} */ (received);
    if (typeof message.number !== 'number') return;
    if (message.kind === 'ask') void this.#answer(/** @type {any} */ (message));
    if (message.kind !== 'answer') return;
    const asker = this.#waiting.get(message.number);
    if (!asker) letGo(handle);
    else if (message.error) asker.reject(this.#options.toError(message.error));
    else asker.resolve({ value: message.value, handle });
  }

  /**
   * The other side is gone: all calls fail with this error, those to come as well.
   *
   * @param {Error} error
   */
  end(error) {
    this.#ended ??= error;
    for (const { reject } of this.#waiting.values()) reject(error);
  }

  /** @param {{ number: number, question: string, input: unknown }} asked */
  async #answer({ number, question, input }) {
    const { answer, send } = this.#options;
    try {
      const value = await answer(question, input);
      if (value instanceof WithHandle) {
        send({ kind: 'answer', number, value: value.value }, value.handle);
      } else {
        send({ kind: 'answer', number, value });
      }
    } catch (error) {
      send({ kind: 'answer', number, error: sentErrorOf(error) });
    }
  }
}

/** @param {AbortSignal} signal @returns {unknown} */
function reasonOf(signal) {
  return signal.reason;
}

/** @param {unknown} error */
function messageOf(error) {
  return error instanceof Error ? error.message : String(error);
}

/**
 * Closes a socket or server whose asker did not wait for it.
 *
 * @param {any} handle
 */
function letGo(handle) {
  if (typeof handle?.destroy === 'function') handle.destroy();
  else if (typeof handle?.close === 'function') handle.close();
}
