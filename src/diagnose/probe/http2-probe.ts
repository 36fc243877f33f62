/** One request in HTTP/2: over TLS where ALPN agrees to it, in clear text with prior knowledge. */
import * as http2 from 'node:http2';
import { codeOf, messageOf } from '../../errors.ts';
import type { Scheduled } from '../../timer/scheduler.ts';
import { after } from '../../timer/waiting.ts';
import type { ProbeEnd } from '../observe/observation.ts';
import type { BodyRecorder } from '../observe/recorder.ts';
import { connect } from './connect.ts';
import { notConnected } from './http1-probe.ts';
import { PauseWatch } from './process-pauses.ts';
import {
  emptyDraft,
  observationOf,
  recorderFor,
  type ProbeLimits,
  type ProbeOutcome,
  type ProbeRequest,
} from './probe.ts';

/** Headers that HTTP/2 does not have. */
const connectionHeaders = new Set(['connection', 'host', 'keep-alive', 'transfer-encoding']);

function headersOf(request: ProbeRequest): http2.OutgoingHttpHeaders {
  const { url, method, headers, body } = request;
  const out: http2.OutgoingHttpHeaders = {
    ':method': method,
    ':path': `${url.pathname}${url.search}`,
    ':scheme': url.protocol.replace(':', ''),
    ':authority': url.host,
  };
  for (const [name, value] of headers) if (!connectionHeaders.has(name)) out[name] = value;
  if (body) out['content-length'] = String(body.length);
  return out;
}

function flat(headers: http2.IncomingHttpHeaders): [string, string][] {
  return Object.entries(headers)
    .filter(([name]) => !name.startsWith(':'))
    .flatMap(([name, value]) =>
      (Array.isArray(value) ? value : [value ?? '']).map((one): [string, string] => [name, one]),
    );
}

/**
 * As `probeHttp1`. A server that does not speak HTTP/2 ends it as `connect_failed`, immediately where TLS
 * says so, else within the connect limit.
 */
export async function probeHttp2(
  request: ProbeRequest,
  limits: ProbeLimits,
): Promise<ProbeOutcome> {
  const draft = emptyDraft(false);
  let session: http2.ClientHttp2Session;
  try {
    const { socket, connectMs } = await connect(
      request.url,
      ['h2', 'http/1.1'],
      request.tls,
      limits,
    );
    const agreed = (socket as { alpnProtocol?: string | false | null }).alpnProtocol;
    if (request.url.protocol === 'https:' && agreed !== 'h2') {
      socket.destroy();
      throw new Error('the server does not offer HTTP/2');
    }
    draft.connectMs = connectMs;
    session = http2.connect(request.url.origin, { createConnection: () => socket });
  } catch (error) {
    return { observation: notConnected(request, draft, error, limits.signal) };
  }
  const { time } = limits;
  const startNs = time.now();
  const elapsed = (): number => (time.now() - startNs) / 1e6;
  const watch = new PauseWatch(time, startNs);
  let recorder: BodyRecorder | undefined;
  let spoke = false;
  const { end, detail } = await new Promise<{ end: ProbeEnd; detail: string }>((resolve) => {
    let timer: Scheduled | undefined;
    let speaks: Scheduled | undefined;
    const aborted = (): void => finish('aborted', '');
    const finish = (end: ProbeEnd, detail: string): void => {
      timer?.cancel();
      speaks?.cancel();
      limits.signal.removeEventListener('abort', aborted);
      // What a server that knows no HTTP/2 answers to its preface is not an answer to a request.
      if (!spoke && ['reset', 'cut', 'connect_failed'].includes(end)) {
        resolve({ end: 'connect_failed', detail: 'the server does not speak it here' });
      } else resolve({ end, detail });
    };
    timer = after(time, limits.maxMs, () => finish('budget', ''));
    speaks = after(time, Math.min(limits.connectMs, 2000), () => {
      if (!spoke) finish('connect_failed', 'no HTTP/2 settings came');
    });
    limits.signal.addEventListener('abort', aborted, { once: true });
    session.once('remoteSettings', () => (spoke = true));
    session.on('error', (error) => finish('reset', codeOf(error) || messageOf(error)));
    session.on('close', () => finish('cut', 'the session was closed'));
    session.on('goaway', (code) => {
      if (code !== 0) finish('reset', `GOAWAY ${code}`);
    });
    const stream = session.request(headersOf(request), { endStream: !request.body });
    if (request.body) stream.end(request.body);
    stream.on('response', (headers) => {
      draft.headersMs = elapsed();
      draft.status = headers[':status'] ?? null;
      draft.httpVersion = '2';
      draft.headers = flat(headers);
      draft.framing = 'frames';
      recorder = recorderFor(request, draft.headers);
    });
    stream.on('data', (bytes: Buffer) => {
      const at = elapsed();
      recorder?.read(at, [bytes]);
      if (recorder && limits.enough?.({ at, events: recorder.events, reads: recorder.reads })) {
        finish('budget', '');
      }
    });
    stream.on('end', () => finish('complete', ''));
    stream.on('error', (error) => finish('reset', codeOf(error) || messageOf(error)));
    stream.on('close', () => {
      if (stream.rstCode !== 0) finish('reset', `RST_STREAM ${stream.rstCode}`);
    });
  });
  const endedMs = elapsed();
  watch.stop();
  session.destroy();
  await recorder?.settle();
  return {
    observation: observationOf(request, draft, recorder, {
      end,
      endedMs,
      detail,
      processPauses: watch.pauses,
    }),
  };
}
