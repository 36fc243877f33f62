/**
 * Reads an nginx configuration and says whether it holds a stream back, and by which line.
 * `readNginxConfig` is all that others need.
 */
import type { ConfigFinding, ConfigReading } from '../diagnosis.ts';
import { readWholeConfig, type ConfigFiles } from './files.ts';
import { findingAt, type KnownFacts } from './finding.ts';
import { judge, type Judgement } from './judge-buffering.ts';
import { everyPlace, findPlace, placesOf, type Place } from './place.ts';
import type { Directive } from './syntax.ts';

export interface NginxConfigRequest extends KnownFacts, ConfigFiles {
  /** The main file, one of its parts, or what `nginx -T` printed. */
  file: string;
  /** Chooses server and location. */
  url?: string | undefined;
  /** Where there is no URL: chooses the location in every server. Without either every place is judged. */
  path?: string | undefined;
}

const block = (name: string, children: Directive[], file: string): Directive => ({
  name,
  args: [],
  children,
  file,
  line: 1,
  column: 1,
  text: name,
});

/** The http blocks; a part of a configuration (conf.d/x.conf, a lone location) counts as the inside of one. */
function httpBlocks(directives: Directive[], file: string): Directive[] {
  const https = directives.filter(({ name }) => name === 'http');
  if (https.length > 0) return https;
  if (directives.some(({ name }) => name === 'server')) return [block('http', directives, file)];
  if (directives.some(({ name }) => name === 'location')) {
    return [block('http', [block('server', directives, file)], file)];
  }
  return [];
}

const order: readonly ConfigFinding['severity'][] = ['cause', 'risk', 'note'];

/** The same directive may be found at several places; it is said once, causes first. */
function tidy(findings: readonly ConfigFinding[]): ConfigFinding[] {
  const seen = new Map<string, ConfigFinding>();
  for (const finding of findings) {
    const key = [finding.file, finding.line, finding.column, finding.message].join('\n');
    if (!seen.has(key)) seen.set(key, finding);
  }
  return [...seen.values()].sort((a, b) => order.indexOf(a.severity) - order.indexOf(b.severity));
}

function sentence({ name, pass }: Place, { verdict, how }: Judgement): string {
  const at = `${name} (${pass.file}:${pass.line})`;
  if (verdict === 'buffers') return `${at} holds a stream back: ${how}.`;
  if (verdict === 'unclear') return `${at}: ${how}.`;
  return `${at} passes a stream on: ${how}. If it is bursty anyway, the cause is elsewhere: the target, or something else on the way.`;
}

/** Of several places, what is said about all of them. */
function combined(judgements: readonly Judgement[]): ConfigReading['verdict'] {
  if (judgements.some(({ verdict }) => verdict === 'buffers')) return 'buffers';
  return judgements.every(({ verdict }) => verdict === 'streams') ? 'streams' : 'unclear';
}

/**
 * @throws StreamgaugeError `nginx-syntax` with file, line and column; `config-unreadable`.
 */
export function readNginxConfig(request: NginxConfigRequest): ConfigReading {
  const { file, url } = request;
  const { directives, missing } = readWholeConfig(file, request);
  const unread = missing.map(({ include, reason }) =>
    findingAt(include, 'note', `not read (${reason}): what it says is not considered here`),
  );
  const https = httpBlocks(directives, file);
  if (https.length === 0) {
    const summary = 'There is no http, server or location block in it.';
    return { file, verdict: 'unclear', summary, findings: unread };
  }
  if (url !== undefined) return readOnePlace(request, https, url, unread);
  const places = request.path === undefined ? everyPlace(https) : placesOf(https, request.path);
  if (places.length === 0) {
    const summary = 'No location in it hands requests to a target (proxy_pass and its like).';
    return { file, verdict: 'unclear', summary, findings: unread };
  }
  const judged = places.map((place) => ({ place, judgement: judge(place, request) }));
  const verdict = combined(judged.map(({ judgement }) => judgement));
  const telling = judged.filter(({ judgement }) => judgement.verdict === verdict);
  const summary = telling
    .slice(0, 3)
    .map(({ place, judgement }) => sentence(place, judgement))
    .join(' ');
  const more = telling.length > 3 ? ` So do ${telling.length - 3} more.` : '';
  const several =
    places.length > 1 && verdict !== 'streams'
      ? ` It has ${places.length} places that pass requests on; a URL or a path chooses one.`
      : '';
  return {
    file,
    verdict,
    summary: summary + more + several,
    findings: tidy([...judged.flatMap(({ judgement }) => judgement.findings), ...unread]),
  };
}

function readOnePlace(
  request: NginxConfigRequest,
  https: readonly Directive[],
  url: string,
  unread: readonly ConfigFinding[],
): ConfigReading {
  const { file } = request;
  const { place, remarks } = findPlace(https, new URL(url));
  const notes = remarks.flatMap(({ about, text }) =>
    about === undefined ? [] : [findingAt(about, 'note', text)],
  );
  if (place === undefined) {
    const why = remarks.at(-1)?.text ?? 'no location answers it';
    const summary = `This configuration hands ${new URL(url).pathname} to no target: ${why}.`;
    return { file, verdict: 'unclear', summary, findings: tidy([...notes, ...unread]) };
  }
  const judgement = judge(place, request);
  return {
    file,
    verdict: judgement.verdict,
    summary: sentence(place, judgement),
    findings: tidy([...judgement.findings, ...notes, ...unread]),
  };
}
