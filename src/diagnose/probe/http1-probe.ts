/**
 * One request in HTTP/1.0 or 1.1on a separate socket, so that every read is seen as it comes, with
 * its time and the chunk sizes in it. HTTP libraries hide both.
 */
import type { Socket } from 'node:net';
import { codeOf, messageOf } from '../../errors.ts';
import { after } from '../../timer/waiting.ts';
import { Http1ResponseParser, type ResponseLine } from '../../wire/http1-response.ts';
import type { Observation, ProbeEnd } from '../observe/observation.ts';
import type { BodyRecorder } from '../observe/recorder.ts';
import { connect, ConnectProblem } from './connect.ts';
import { PauseWatch } from './process-pauses.ts';
import {
  emptyDraft,
  observationOf,
  recorderFor,
  type Draft,
  type KeptConnection,
  type ProbeLimits,
  type ProbeOutcome,
  type ProbeRequest,
} from './probe.ts';

function headText(request: ProbeRequest): string {
  const { url, method, httpVersion, headers, body } = request;
  const lines = [
    `${method} ${url.pathname}${url.search} HTTP/${httpVersion}`,
    `Host: ${url.host}`,
    ...headers.map(([name, value]) => `${name}: ${value}`),
    ...(body ? [`Content-Length: ${body.length}`] : []),
  ];
  return `${lines.join('\r\n')}\r\n\r\n`;
}

/** Runs to the end, to what is enough, or to its limit; never throws for what the peer does. */
export async function probeHttp1(
  request: ProbeRequest,
  limits: ProbeLimits,
  reuse?: KeptConnection,
): Promise<ProbeOutcome> {
  const draft = emptyDraft(reuse !== undefined);
  let socket: Socket;
  if (reuse) socket = reuse.socket;
  else {
    try {
      const { url, tls } = request;
      const connected = await connect(url, ['http/1.1'], tls, limits);
      socket = connected.socket;
      draft.connectMs = connected.connectMs;
    } catch (error) {
      return { observation: notConnected(request, draft, error, limits.signal) };
    }
  }
  const exchange = new Exchange(request, limits, draft, socket);
  return exchange.run();
}

/** What is left to say where there was no connection. */
export function notConnected(
  request: ProbeRequest,
  draft: Draft,
  error: unknown,
  signal: AbortSignal,
): Observation {
  if (signal.aborted) {
    const ended = { end: 'aborted', endedMs: null, detail: '', processPauses: [] } as const;
    return observationOf(request, draft, undefined, ended);
  }
  const problem = error instanceof ConnectProblem ? error : undefined;
  const code = problem?.code ?? codeOf(error);
  return observationOf(request, draft, undefined, {
    end: problem?.duringTls ? 'tls_failed' : 'connect_failed',
    endedMs: null,
    detail: code === '' ? messageOf(error) : `${code}: ${messageOf(error)}`,
    processPauses: [],
  });
}

class Exchange {
  private readonly request: ProbeRequest;
  private readonly limits: ProbeLimits;
  private readonly draft: Draft;
  private readonly socket: Socket;
  private readonly startNs: number;
  private readonly watch: PauseWatch;
  private readonly parser: Http1ResponseParser;
  private recorder: BodyRecorder | undefined;
  /** When the running read was made, ms, and the parts of the body in it. */
  private readMs = 0;
  private parts: Buffer[] = [];
  private complete = false;
  private keepAlive = false;
  private finish: (end: ProbeEnd, detail: string) => void = () => undefined;
  private readonly onData = (bytes: Buffer): void => this.take(bytes);
  private readonly onClosed = (): void => this.closed();

  constructor(request: ProbeRequest, limits: ProbeLimits, draft: Draft, socket: Socket) {
    this.request = request;
    this.limits = limits;
    this.startNs = limits.time.now();
    this.watch = new PauseWatch(limits.time, this.startNs);
    this.draft = draft;
    this.socket = socket;
    this.parser = new Http1ResponseParser(
      {
        onHead: (status, _joined, line) => this.takeHead(status, line),
        onBody: (bytes) => void this.parts.push(bytes),
        onChunk: (size) => void draft.chunkSizes.push(size),
        onComplete: (keepAlive) => {
          this.complete = true;
          this.keepAlive = keepAlive;
        },
      },
      request.method,
    );
  }

  async run(): Promise<ProbeOutcome> {
    const { socket, limits, request } = this;
    const { end, detail } = await new Promise<{ end: ProbeEnd; detail: string }>((resolve) => {
      this.finish = (end, detail) => resolve({ end, detail });
      const timer = after(limits.time, limits.maxMs, () => this.finish('budget', ''));
      const aborted = (): void => this.finish('aborted', '');
      limits.signal.addEventListener('abort', aborted, { once: true });
      socket.on('data', this.onData);
      socket.on('end', this.onClosed);
      socket.on('close', this.onClosed);
      socket.on('error', (error) => this.finish('reset', codeOf(error) || messageOf(error)));
      const { finish } = this;
      this.finish = (end, detail) => {
        timer.cancel();
        limits.signal.removeEventListener('abort', aborted);
        this.finish = () => undefined;
        finish(end, detail);
      };
      if (limits.signal.aborted) {
        aborted();
        return;
      }
      const head = headText(request);
      socket.write(request.body ? Buffer.concat([Buffer.from(head), request.body]) : head);
    });
    const endedMs = this.elapsed();
    this.watch.stop();
    // Only the listeners added here: the socket has some itself. The one for errors stays until the socket goes.
    socket.off('data', this.onData).off('end', this.onClosed).off('close', this.onClosed);
    await this.recorder?.settle();
    const reusable = end === 'complete' && this.keepAlive && !socket.destroyed;
    if (!reusable) socket.destroy();
    const observation = observationOf(request, this.draft, this.recorder, {
      end,
      endedMs,
      detail,
      processPauses: this.watch.pauses,
    });
    return { observation, kept: reusable ? { socket } : undefined };
  }

  private elapsed(): number {
    return (this.limits.time.now() - this.startNs) / 1e6;
  }

  private take(bytes: Buffer): void {
    this.readMs = this.elapsed();
    this.parts = [];
    try {
      this.parser.feed(bytes, bytes.length);
    } catch (error) {
      // What follows a whole answer spoils the connection, not the answer.
      this.keepAlive = false;
      if (!this.complete) {
        this.finish('malformed', messageOf(error));
        return;
      }
    }
    const { recorder, readMs: at } = this;
    if (!recorder) return;
    recorder.read(at, this.parts);
    if (this.complete) this.finish('complete', '');
    else if (this.limits.enough?.({ at, events: recorder.events, reads: recorder.reads })) {
      this.finish('budget', '');
    }
  }

  private takeHead(status: number, line: ResponseLine): void {
    const { draft } = this;
    draft.status = status;
    draft.statusText = line.statusText;
    draft.httpVersion = line.httpVersion;
    draft.headers = line.list;
    draft.framing = line.framing;
    draft.headersMs = this.readMs;
    this.recorder = recorderFor(this.request, line.list);
  }

  private closed(): void {
    // Where the end of the connection is the end of the body, nothing tells it from a cut.
    const missing = this.parser.end();
    if (missing === undefined) this.finish('complete', '');
    else this.finish('cut', missing);
  }
}
