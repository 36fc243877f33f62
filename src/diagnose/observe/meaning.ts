/** What an event of the stream is to the diagnosis: generated output, the last event, or neither. */
import type { Conversation, MeaningSink } from '../../dialect/dialect.ts';
import { emptyFrame } from '../../transport/transport.ts';

export interface Meaning {
  token: boolean;
  terminal: boolean;
}

export interface MeaningReader {
  /** Null where the dialect does not say which event is the last. */
  readonly knowsEnd: boolean;
  read(event: string, data: string): Meaning;
}

/** A body whose meaning is not known: every event counts, `[DONE]` excepted, which ends many streams. */
export function genericMeaning(): MeaningReader {
  return {
    knowsEnd: false,
    read: (_event, data) => ({ token: data.trim() !== '[DONE]', terminal: false }),
  };
}

/** Through the dialect that asked. */
export function dialectMeaning(conversation: Conversation): MeaningReader {
  const frame = emptyFrame();
  const meaning = { token: false, terminal: false };
  const sink: MeaningSink = {
    position: () => undefined,
    progress: () => undefined,
    token: () => (meaning.token = true),
    usage: () => undefined,
    error: () => (meaning.terminal = true),
    terminal: () => (meaning.terminal = true),
    malformed: () => undefined,
    landmark: () => undefined,
  };
  return {
    knowsEnd: true,
    read(event, data) {
      meaning.token = false;
      meaning.terminal = false;
      frame.event = event;
      frame.data = data;
      conversation.decode(frame, sink);
      return { ...meaning };
    },
  };
}
