/** Sending the messages of one WebSocket turn: at once, or paced as spoken audio is. */
import type { WireMessage } from './transport.ts';

export interface PacedSending {
  stop(): void;
}

/**
 * Sends in order, waiting `afterMs` before a message that has it.
 *
 * @param onClock - called right after the message that starts the turn's clock is written: the one
 *   marked `startsClock`, else the last.
 */
export function sendPaced(
  messages: readonly WireMessage[],
  send: (message: WireMessage) => void,
  onClock: () => void,
): PacedSending {
  const marked = messages.findIndex((message) => message.startsClock);
  const clockAt = marked >= 0 ? marked : messages.length - 1;
  const state: { timer: NodeJS.Timeout | undefined; stopped: boolean } = {
    timer: undefined,
    stopped: false,
  };

  function sendFrom(index: number, waited: boolean): void {
    for (let i = index; i < messages.length && !state.stopped; i++) {
      const message = messages[i]!;
      if (message.afterMs && !(waited && i === index)) {
        state.timer = setTimeout(() => sendFrom(i, true), message.afterMs);
        return;
      }
      send(message);
      if (i === clockAt) onClock();
    }
  }

  sendFrom(0, false);
  return {
    stop: () => {
      state.stopped = true;
      clearTimeout(state.timer);
    },
  };
}
