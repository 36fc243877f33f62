/** A simulated proxy in a separate process, so that what it costs is not the client's. */
import type { StreamgaugeError } from '../errors.ts';
import { startService } from '../process/start-service.ts';
import { service } from './proxy-service.ts';
import type { BufferingProxyOptions, ProxyStats } from './server.ts';

/** A proxy in another process: as `BufferingProxy`, with its statistics a little later. */
export interface BufferingProxyProcess {
  readonly port: number;
  stats(): Promise<ProxyStats>;
  /** As `RunningService.onExit`: tells when the process dies. */
  onExit(listener: (error: StreamgaugeError) => void): () => void;
  close(): Promise<void>;
}

/**
 * Starts a simulated proxy in a child process, which ends when its parent goes.
 *
 * @throws StreamgaugeError as `startBufferingProxy` and `startService`.
 */
export async function startBufferingProxyProcess(
  options: BufferingProxyOptions,
): Promise<BufferingProxyProcess> {
  const proxy = await startService(service, options);
  return {
    ...proxy.started,
    stats: () => proxy.ask('stats'),
    onExit: (listener) => proxy.onExit(listener),
    close: () => proxy.close(),
  };
}
