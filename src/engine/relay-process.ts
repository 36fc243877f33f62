/** The relay in a separate process, so that moving bytes does not disturb the loop that measures. */
import type { StreamgaugeError } from '../errors.ts';
import { startService } from '../process/start-service.ts';
import type { Relay } from '../fault/relay/relay.ts';
import { service, type Effects, type RelayRequest } from './relay-service.ts';

export interface RelayProcess extends Relay {
  /** What a TCP handshake costs on the simulated path, ms. */
  readonly roundTripMs: number;
  /** What network and faults did so far. */
  effects(): Promise<Effects>;
  /** As `RunningService.onExit`: tells when the process dies. */
  onExit(listener: (error: StreamgaugeError) => void): () => void;
}

/**
 * Starts a relay in a child process, which ends when its parent goes.
 *
 * @throws StreamgaugeError where it cannot listen or a fault names a file that cannot be used; as
 *   `startService`.
 */
export async function startRelayProcess(request: RelayRequest): Promise<RelayProcess> {
  const relay = await startService(service, request);
  return {
    ...relay.started,
    effects: () => relay.ask('effects'),
    onExit: (listener) => relay.onExit(listener),
    close: () => relay.close(),
  };
}
