/**
 * The bundled mock server, embeddable: `startMock({ profile: 'fast' })`. It speaks the OpenAI wire
 * formats, holds a token schedule that is known in advance, and logs what it really did.
 */
import type { TranscriptDigest } from '../src/transcript.ts';
import { RealScheduler } from '../src/timer/real-scheduler.ts';
import { realWorld } from '../src/world.ts';
import { registerCommon } from './http/common-routes.ts';
import { createContext, type MockTime } from './http/context.ts';
import { listen, type Listener } from './http/listen.ts';
import { Router } from './http/router.ts';
import { generateCertificate } from '../src/wire/certificate.ts';
import { apis } from './api-list.ts';
import { resolveMockOptions, type ResolveContext } from './settings/resolve-options.ts';
import type { MockOptions } from './settings/options.ts';
import { collectStats, type MockStats } from './http/stats.ts';
import type { StreamStop, StreamTruth } from './truth/stream-truth.ts';

export type { MockTime } from './http/context.ts';
export type { MockOptions } from './settings/options.ts';
export type { MockStats } from './http/stats.ts';
export type { EventTruth, StreamEnd, StreamStop, StreamTruth } from './truth/stream-truth.ts';

export interface MockServer {
  /** `http://127.0.0.1:PORT/v1` */
  readonly baseUrl: string;
  /** `https://127.0.0.1:PORT/v1`, with the option `tls`. */
  readonly secureBaseUrl: string | undefined;
  /** PEM: what a client of `secureBaseUrl` must trust. */
  readonly certificate: string | undefined;
  readonly port: number;
  stats(): MockStats;
  /** What each stream that a client has named has said, by that name. */
  transcripts(): ReadonlyMap<string, TranscriptDigest>;
  /** Every stream that is still kept, oldest first. */
  log(): readonly StreamTruth[];
  /** What happened to each stream, in a few numbers; running ones included. */
  stops(): readonly StreamStop[];
  /** Ends every connection and stops listening. Idempotent. */
  close(): Promise<void>;
}

function urlOf(scheme: string, host: string, port: number): string {
  // What listens on every address is reached by the loopback one.
  const reachable = host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '::1' : host;
  return `${scheme}://${reachable.includes(':') ? `[${reachable}]` : reachable}:${port}/v1`;
}

/**
 * Starts a mock server in this process.
 *
 * @param options - as under `mock:` in a scenario file.
 * @param paths - how files the options name are found; default: the working directory.
 * @param time - when its tokens are due; default: the machine's time. The scheduler is closed with it.
 * @throws StreamgaugeError `mock-option-invalid`, `port-in-use` or `cannot-listen`.
 *
 * @example
 * ```js
 * import OpenAI from 'openai';
 * import { startMock } from 'streamgauge/mock-server';
 *
 * const mock = await startMock({ ttft: '5ms', itl: '1ms', tokens: 8 });
 * const client = new OpenAI({ baseURL: mock.baseUrl, apiKey: 'any' });
 * const stream = await client.chat.completions.create({
 *   model: 'any',
 *   stream: true,
 *   messages: [{ role: 'user', content: 'Hello' }],
 * });
 * for await (const chunk of stream) process.stdout.write(chunk.choices[0]?.delta.content ?? '');
 * await mock.close();
 * ```
 */
export async function startMock(
  options: MockOptions = {},
  paths?: ResolveContext,
  time: MockTime = { scheduler: new RealScheduler(), clock: realWorld().clock },
): Promise<MockServer> {
  const settings = resolveMockOptions(options, paths);
  const startedNs = time.scheduler.now();
  const context = createContext(settings, time);
  const router = new Router(context);
  registerCommon(router, context, startedNs);
  for (const registerApi of apis) registerApi(router, context);

  const { host } = settings;
  const maxConnections = settings.limits.connections;
  const listeners: Listener[] = [];
  const closeAll = async (): Promise<void> => {
    context.closing = true;
    await Promise.all(listeners.map((listener) => listener.close()));
    context.scheduler.close();
  };
  let certificate: string | undefined;
  let securePort = 0;
  listeners.push(await listen(router, { host, port: settings.port, maxConnections }));
  if (settings.tls) {
    try {
      const tls = await generateCertificate({
        commonName: 'streamgauge mock server',
        nowMs: time.clock.wall(),
      });
      certificate = tls.cert;
      const secure = await listen(router, { host, port: settings.tlsPort, maxConnections, tls });
      listeners.push(secure);
      securePort = secure.port;
    } catch (error) {
      await closeAll();
      throw error;
    }
  }
  const { port } = listeners[0]!;
  let closing: Promise<void> | undefined;
  return {
    baseUrl: urlOf('http', host, port),
    secureBaseUrl: settings.tls ? urlOf('https', host, securePort) : undefined,
    certificate,
    port,
    stats: () => collectStats(context, startedNs),
    transcripts: () => context.truth.transcripts(),
    log: () => context.truth.streams(),
    stops: () => context.truth.stops(),
    close: () => (closing ??= closeAll()),
  };
}
