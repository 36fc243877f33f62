/** Sending the messages of one WebSocket turn: immediately, or paced as spoken audio is. */
import type { Scheduled, Scheduler } from '../timer/scheduler.ts';
import { after } from '../timer/waiting.ts';
import type { WireMessage } from './transport.ts';

/**
 * Sends in order, waiting `afterMs` before a message that has it.
 *
 * @param onClock - called right after the message that starts the turn's clock is written: the one
 *   marked `startsClock`, else the last.
 * @returns what stops the messages that are still to be sent.
 */
export function sendPaced(
  time: Scheduler,
  messages: readonly WireMessage[],
  send: (message: WireMessage) => void,
  onClock: () => void,
): Scheduled {
  const marked = messages.findIndex((message) => message.startsClock);
  const clockAt = marked >= 0 ? marked : messages.length - 1;
  const state: { waiting: Scheduled | undefined; stopped: boolean } = {
    waiting: undefined,
    stopped: false,
  };

  function sendFrom(index: number, waited: boolean): void {
    for (let i = index; i < messages.length && !state.stopped; i++) {
      const message = messages[i]!;
      if (message.afterMs && !(waited && i === index)) {
        state.waiting = after(time, message.afterMs, () => sendFrom(i, true));
        return;
      }
      send(message);
      if (i === clockAt) onClock();
    }
  }

  sendFrom(0, false);
  return {
    cancel: () => {
      state.stopped = true;
      state.waiting?.cancel();
    },
  };
}
