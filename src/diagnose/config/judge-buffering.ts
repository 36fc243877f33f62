/**
 * Whether a place of an nginx configuration holds a stream back. The rules are those of
 * docs/proxy-buffering.md: buffers are passed on when full or, with HTTP/1.1 to the target, after each whole chunk.
 */
import type { ConfigFinding } from '../diagnosis.ts';
import { compressionRules } from './judge-compression.ts';
import { findingAt, type KnownFacts } from './finding.ts';
import { otherRules } from './judge-others.ts';
import type { Place } from './place.ts';
import type { Directive } from './syntax.ts';
import { allInForce, atLeast, flagOn, inForce, sizeOf, versionOf } from './values.ts';

export interface Judgement {
  verdict: 'buffers' | 'streams' | 'unclear';
  /** One clause: what happens to an event here. */
  how: string;
  findings: ConfigFinding[];
}

/** proxy_http_version where it is not written: 1.0, since 1.29.7 1.1. */
function httpVersion(place: Place, known: KnownFacts): { value: string; written?: Directive } {
  const written = inForce(place.levels, 'proxy_http_version');
  if (written) return { value: written.args[0] ?? '1.0', written };
  const version = versionOf(known.nginxVersion);
  if (version === undefined) return { value: 'unknown' };
  return { value: atLeast(version, [1, 29, 7]) ? '1.1' : '1.0' };
}

/** One page on the platforms that nginx runs on most. */
const pageBytes = 4096;

function bufferSizes(place: Place): { first: number; next: number; written: Directive[] } {
  const head = inForce(place.levels, `${place.module}_buffer_size`);
  const body = inForce(place.levels, `${place.module}_buffers`);
  return {
    first: sizeOf(head?.args[0]) ?? pageBytes,
    next: sizeOf(body?.args[1]) ?? pageBytes,
    written: [head, body].filter((directive) => directive !== undefined),
  };
}

const bytes = (count: number): string => count.toString().replace(/\B(?=(\d{3})+$)/g, ',');

/** What the target's X-Accel-Buffering comes to here. */
function accelOf(place: Place, known: KnownFacts) {
  const ignoring = allInForce(place.levels, `${place.module}_ignore_headers`).find(({ args }) =>
    args.some((header) => header.toLowerCase() === 'x-accel-buffering'),
  );
  const sent = known.targetHeaders?.['x-accel-buffering']?.toLowerCase();
  const obeyed = ignoring === undefined && (sent === 'yes' || sent === 'no') ? sent : undefined;
  return { ignoring, sent, obeyed };
}

/** Buffered, and released only by a full buffer or the end. */
function fullBuffers(place: Place, cause: Directive, why: string): Judgement {
  const { first, next, written } = bufferSizes(place);
  const { module } = place;
  const fix =
    module === 'proxy'
      ? 'proxy_http_version 1.1; proxy_buffering off;'
      : `${module}_buffering off;`;
  const each =
    first === next
      ? `${bytes(first)} bytes at a time`
      : `first ${bytes(first)}, then ${bytes(next)} bytes at a time`;
  return {
    verdict: 'buffers',
    how: `events wait until a buffer is full (${each}) or the answer ends`,
    findings: [
      findingAt(cause, 'cause', `${why}: nothing is sent before a buffer is full, ${each}`, fix),
      ...written.map((directive) =>
        findingAt(
          directive,
          'note',
          'this sets how much comes at once; it does not make it stream',
        ),
      ),
    ],
  };
}

function buffering(place: Place, known: KnownFacts): Judgement {
  const { module, levels, pass } = place;
  if (module === 'grpc') {
    return { verdict: 'streams', how: 'gRPC answers are passed on as they come', findings: [] };
  }
  const flag = inForce(levels, `${module}_buffering`);
  const { ignoring, sent, obeyed } = accelOf(place, known);
  const isOn = obeyed === undefined ? flagOn(flag, true) : obeyed === 'yes';
  const findings: ConfigFinding[] = [];
  if (obeyed !== undefined) {
    const at = flag ?? pass;
    findings.push(
      findingAt(
        at,
        'note',
        `the target sends X-Accel-Buffering: ${obeyed}, which decides here whatever is written`,
      ),
    );
  }
  if (!isOn) {
    if (obeyed === undefined && ignoring === undefined && sent === undefined && flag) {
      findings.push(findingAt(flag, 'note', 'unless the target sends X-Accel-Buffering: yes'));
    }
    return { verdict: 'streams', how: 'each read from the target is sent immediately', findings };
  }
  if (ignoring) {
    const ignored =
      'the application cannot switch buffering off with X-Accel-Buffering: no: it is ignored here';
    findings.push(findingAt(ignoring, sent === 'no' ? 'cause' : 'risk', ignored));
  }
  const cause = flag ?? pass;
  const base = flag
    ? `${module}_buffering is on`
    : `${module}_buffering is not written here and on by default`;
  if (module !== 'proxy') {
    const held = fullBuffers(place, cause, `${base}, and ${module} answers have no chunks`);
    return { ...held, findings: [...held.findings, ...findings] };
  }
  const version = httpVersion(place, known);
  if (version.value === '1.0') {
    const asked = version.written ? 'is set to 1.0' : 'is 1.0 by default in this nginx';
    const at = flag ?? version.written ?? pass;
    const held = fullBuffers(
      place,
      at,
      `${base}, and proxy_http_version ${asked}, whose answers have no chunks`,
    );
    return { ...held, findings: [...held.findings, ...findings] };
  }
  if (version.value === 'unknown') {
    return {
      verdict: 'unclear',
      how: 'it depends on the version: up to nginx 1.29.6 events wait for a full buffer, since 1.29.7 whole chunks are passed on (nginx -v)',
      findings: [
        findingAt(
          cause,
          'risk',
          `${base}; no proxy_http_version is written, and the default, 1.0 up to nginx 1.29.6, holds events until a buffer is full`,
          'proxy_http_version 1.1; proxy_buffering off;',
        ),
        ...findings,
      ],
    };
  }
  return wholeChunks(place, known, cause, findings);
}

/** Buffered, with HTTP/1.1 to the target: whole chunks are let through. */
function wholeChunks(
  place: Place,
  known: KnownFacts,
  cause: Directive,
  findings: ConfigFinding[],
): Judgement {
  const { module } = place;
  if (known.targetHeaders?.['content-length'] !== undefined) {
    const held = fullBuffers(
      place,
      cause,
      'the target sends a Content-Length, so that there are no chunks to hand on',
    );
    return { ...held, findings: [...held.findings, ...findings] };
  }
  return {
    verdict: 'streams',
    how: 'whole chunks from the target are sent immediately, though buffering is on',
    findings: [
      findingAt(
        cause,
        'risk',
        'buffering is on, and only whole chunks pass: an event that the target writes in two pieces is one event late, one with a Content-Length waits for full buffers, and the headers wait for the first event',
        `${module}_buffering off;`,
      ),
      ...(encryptedOrHttp2(place)
        ? []
        : [
            findingAt(
              cause,
              'note',
              'over a path with a round trip, the first answer on each HTTP/1.1 connection comes in one burst per round trip (Nagle): nginx sets TCP_NODELAY only after it, or with buffering off',
            ),
          ]),
      ...findings,
    ],
  };
}

/** Where TCP_NODELAY is set from the start. */
function encryptedOrHttp2({ levels }: Place): boolean {
  const server = levels.find(({ name }) => name === 'server');
  const listens = server?.children?.filter(({ name }) => name === 'listen') ?? [];
  return (
    (listens.length > 0 && listens.every(({ args }) => args.includes('ssl'))) ||
    flagOn(inForce(levels, 'http2'), false)
  );
}

/** What a place does to an event stream, with every directive that matters. */
export function judge(place: Place, known: KnownFacts): Judgement {
  const base = buffering(place, known);
  const unbuffered =
    place.module === 'grpc' || (base.verdict === 'streams' && base.how.startsWith('each read'));
  const compression = compressionRules(place, unbuffered, known);
  const others = otherRules(place, unbuffered);
  const findings = [...compression.findings, ...base.findings, ...others];
  // A compressor that is not flushed holds more than any buffer does.
  const verdict = compression.holds ? 'buffers' : base.verdict;
  return { verdict, how: compression.holds ?? base.how, findings };
}
