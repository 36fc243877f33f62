/** The mock in a separate process, so that what it costs is not the client's. */
import type { StreamgaugeError } from '../src/errors.ts';
import { startService } from '../src/process/start-service.ts';
import type { TranscriptDigest } from '../src/transcript.ts';
import type { MockOptions, MockStats, StreamStop, StreamTruth } from './index.ts';
import { service } from './mock-service.ts';

/** A mock in another process: as `MockServer`, with questions answered a little later. */
export interface MockProcess {
  readonly baseUrl: string;
  readonly secureBaseUrl: string | undefined;
  readonly certificate: string | undefined;
  readonly port: number;
  stats(): Promise<MockStats>;
  transcripts(): Promise<ReadonlyMap<string, TranscriptDigest>>;
  log(): Promise<readonly StreamTruth[]>;
  stops(): Promise<readonly StreamStop[]>;
  /** As `RunningService.onExit`: tells when the process dies. */
  onExit(listener: (error: StreamgaugeError) => void): () => void;
  close(): Promise<void>;
}

/**
 * Starts a mock server in a child process, which ends when its parent goes.
 *
 * @param baseDirectory - what relative paths in the options are relative to.
 * @throws StreamgaugeError as `startMock` and `startService`.
 */
export async function startMockProcess(
  options: MockOptions = {},
  baseDirectory = process.cwd(),
): Promise<MockProcess> {
  const mock = await startService(service, { options, baseDirectory });
  return {
    ...mock.started,
    stats: () => mock.ask('stats'),
    transcripts: () => mock.ask('transcripts'),
    log: () => mock.ask('log'),
    stops: () => mock.ask('stops'),
    onExit: (listener) => mock.onExit(listener),
    close: () => mock.close(),
  };
}
