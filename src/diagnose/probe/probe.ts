/** What a probe asks for, and how it is run, whatever the HTTP version. */
import type { Socket } from 'node:net';
import type { Divider } from '../observe/event-splitter.ts';
import { encodingOf, mediaTypeOf } from '../observe/observation.ts';
import type { Observation, PathName, ProbeName } from '../observe/observation.ts';
import type { MeaningReader } from '../observe/meaning.ts';
import { BodyRecorder } from '../observe/recorder.ts';
import type { ConnectLimits, TlsSettings } from './connect.ts';

export type HttpVersion = '1.0' | '1.1' | '2';

export interface ProbeRequest {
  probe: ProbeName;
  path: PathName;
  repeat: number;
  toggles: readonly string[];
  url: URL;
  method: string;
  httpVersion: HttpVersion;
  /** Without Host and Content-Length, which the client adds. Names in lower case. */
  headers: readonly (readonly [name: string, value: string])[];
  body: Buffer | undefined;
  tls: TlsSettings;
  /** What divides the body into events; undefined: by its content type. */
  divider: Divider | undefined;
  meaning: MeaningReader;
}

export interface ProbeLimits extends ConnectLimits {
  /** Given up after this, ms. */
  maxMs: number;
  /** Asked after each read: whether what was seen is enough. */
  enough?: ((seen: Progress) => boolean) | undefined;
}

/** What a running probe has seen so far. */
export interface Progress {
  /** ms since the request was written. */
  at: number;
  /** As far as they are unpacked. */
  events: Observation['events'];
  reads: Observation['reads'];
}

/** A connection that can carry another request. */
export interface KeptConnection {
  socket: Socket;
}

export interface ProbeOutcome {
  observation: Observation;
  /** Where the answer ended completely on a connection that stays open. */
  kept?: KeptConnection | undefined;
}

/** The part of an observation that grows while the answer comes in. */
export interface Draft {
  status: number | null;
  statusText: string;
  httpVersion: string;
  headers: Observation['headers'];
  framing: Observation['framing'];
  connectMs: number | null;
  headersMs: number | null;
  chunkSizes: number[];
  reused: boolean;
}

export function emptyDraft(reused: boolean): Draft {
  return {
    status: null,
    statusText: '',
    httpVersion: '',
    headers: [],
    framing: 'none',
    connectMs: null,
    headersMs: null,
    chunkSizes: [],
    reused,
  };
}

const lineFeed: Divider = { kind: 'delimiter', bytes: Buffer.from('\n') };

/** A reader for the body that these headers announce. */
export function recorderFor(request: ProbeRequest, headers: Observation['headers']): BodyRecorder {
  const type = mediaTypeOf({ headers });
  let divider: Divider = lineFeed;
  if (request.divider) divider = request.divider;
  else if (type === 'text/event-stream') divider = { kind: 'sse' };
  return new BodyRecorder({ encoding: encodingOf({ headers }), divider, meaning: request.meaning });
}

export function observationOf(
  request: ProbeRequest,
  draft: Draft,
  recorder: BodyRecorder | undefined,
  ended: Pick<Observation, 'end' | 'endedMs' | 'detail' | 'processPauses'>,
): Observation {
  return {
    probe: request.probe,
    path: request.path,
    repeat: request.repeat,
    toggles: request.toggles,
    ...draft,
    reads: recorder?.reads ?? [],
    events: recorder?.events ?? [],
    comments: recorder?.comments ?? 0,
    terminal: recorder ? recorder.terminal : null,
    bodyStart: recorder?.bodyStart ?? '',
    decodeProblem: recorder?.decodeProblem ?? '',
    ...ended,
  };
}
