/** Cancelling an answer by a call of the API, on a separate connection. */
import type { Scheduler } from '../timer/scheduler.ts';
import type { openChannel } from '../transport/registry.ts';
import type { Endpoint, WireRequest } from '../transport/transport.ts';

/** What a plain request brought. */
export interface PlainAnswer {
  /** HTTP status, 0 where no answer came. */
  status: number;
  body: string;
}

/** Where a plain request goes, and by what. */
export interface Caller {
  endpoint: Endpoint;
  time: Scheduler;
  openChannel: typeof openChannel;
}

/**
 * Sends one request and waits for its whole answer. Never rejects.
 *
 * @param onWritten - called when the request is out, with the time, monotonic ns.
 */
export function callOnce(
  { endpoint, time, openChannel }: Caller,
  request: WireRequest,
  onWritten?: (at: number) => void,
): Promise<PlainAnswer> {
  // Its stream is another's: it must not be logged as a stream of that name.
  const channel = openChannel('http', { ...endpoint, groundTruth: false }, { time });
  return new Promise((resolve) => {
    const answer: PlainAnswer = { status: 0, body: '' };
    channel.start(request, {
      onConnected: () => {},
      onWritten: (at) => onWritten?.(at),
      onHead: ({ status }) => (answer.status = status),
      onFrame: ({ data }) => (answer.body = data),
      onEnd: () => {
        resolve(answer);
        channel.close('close');
      },
    });
  });
}
