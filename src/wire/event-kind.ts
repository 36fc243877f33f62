/**
 * What code that reads along must know of an event: its name, whether it carries tokens, whether the answer
 * ends with it. What that is in an API, the API's dialect says; a relay only asks.
 */

export interface EventKind {
  /** Of the `event` field, else what the API itself calls it; '' where nothing names it. */
  name: string;
  /** It carries generated text, arguments or audio. */
  token: boolean;
  /** The API says with it that the answer is over: completed, cut short, failed. */
  terminal: boolean;
}

/**
 * Reads an event's kind by cheap means; called for every event that passes. Never throws: what is not
 * understood is neither token nor terminal.
 *
 * @param data - of the event; of a long one perhaps only the beginning.
 * @param eventName - the `event` field of an SSE block; '' where it has none, and for a WebSocket
 *   message.
 */
export type EventKindReader = (data: string, eventName: string) => EventKind;
