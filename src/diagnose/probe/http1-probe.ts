/**
 * One request in HTTP/1.0 or 1.1 on a socket of our own, so that every read is seen as it comes, with
 * its time and the chunk sizes in it. HTTP libraries hide both.
 */
import type { Socket } from 'node:net';
import { codeOf, messageOf } from '../../errors.ts';
import { after } from '../../timer/waiting.ts';
import type { Observation, ProbeEnd } from '../observe/observation.ts';
import type { BodyRecorder } from '../observe/recorder.ts';
import { BodyDecoder } from './chunked-body.ts';
import { connect, ConnectProblem } from './connect.ts';
import { PauseWatch } from './own-pauses.ts';
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
import { HeadReader } from './response-head.ts';

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
    const ended = { end: 'aborted', endedMs: null, detail: '', ownPauses: [] } as const;
    return observationOf(request, draft, undefined, ended);
  }
  const problem = error instanceof ConnectProblem ? error : undefined;
  const code = problem?.code ?? codeOf(error);
  return observationOf(request, draft, undefined, {
    end: problem?.duringTls ? 'tls_failed' : 'connect_failed',
    endedMs: null,
    detail: code === '' ? messageOf(error) : `${code}: ${messageOf(error)}`,
    ownPauses: [],
  });
}

class Exchange {
  private readonly request: ProbeRequest;
  private readonly limits: ProbeLimits;
  private readonly draft: Draft;
  private readonly socket: Socket;
  private readonly startNs: number;
  private readonly watch: PauseWatch;
  private readonly headReader: HeadReader;
  private body: BodyDecoder | undefined;
  private recorder: BodyRecorder | undefined;
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
    this.headReader = new HeadReader(request.method);
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
    // Only our own: the socket has some for itself. The one for errors stays until the socket goes.
    socket.off('data', this.onData).off('end', this.onClosed).off('close', this.onClosed);
    await this.recorder?.settle();
    const reusable = end === 'complete' && this.keepAlive && !socket.destroyed;
    if (!reusable) socket.destroy();
    this.draft.chunkSizes = this.body?.chunkSizes ?? [];
    const observation = observationOf(request, this.draft, this.recorder, {
      end,
      endedMs,
      detail,
      ownPauses: this.watch.pauses,
    });
    return { observation, kept: reusable ? { socket } : undefined };
  }

  private elapsed(): number {
    return (this.limits.time.now() - this.startNs) / 1e6;
  }

  private take(bytes: Buffer): void {
    const at = this.elapsed();
    try {
      let rest = bytes;
      if (!this.body) {
        const read = this.headReader.feed(bytes);
        if (!read) return;
        this.takeHead(read.head, at);
        rest = read.rest;
      }
      const parts = this.body!.feed(rest);
      this.recorder!.read(at, parts);
    } catch (error) {
      this.finish('malformed', messageOf(error));
      return;
    }
    if (this.body!.complete) this.finish('complete', '');
    else if (
      this.limits.enough?.({ at, events: this.recorder!.events, reads: this.recorder!.reads })
    ) {
      this.finish('budget', '');
    }
  }

  private takeHead(head: NonNullable<ReturnType<HeadReader['feed']>>['head'], at: number): void {
    const { draft } = this;
    draft.status = head.status;
    draft.statusText = head.statusText;
    draft.httpVersion = head.httpVersion;
    draft.headers = head.headers;
    draft.framing = head.framing;
    draft.headersMs = at;
    this.keepAlive = head.keepAlive;
    this.body = new BodyDecoder(head.framing, head.length);
    this.recorder = recorderFor(this.request, head.headers);
  }

  private closed(): void {
    if (!this.body) this.finish('cut', 'closed before an answer');
    // The end of the connection is the end of such a body, and nothing tells it from a cut.
    else if (this.body.framing === 'close') this.finish('complete', '');
    else this.finish('cut', 'closed before the body was complete');
  }
}
