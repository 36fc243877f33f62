/** What else a user should know of what was seen, in addition to the verdict. */
import { headerOf } from '../observe/observation.ts';
import type { ProbeName } from '../observe/observation.ts';
import { cutOf } from './cut.ts';
import type { Judgement } from './decision-table.ts';
import { holdWords } from './verdict-text.ts';

const versions: readonly ProbeName[] = ['HTTP/2', 'HTTP/1.0', 'other method'];

/** By these those on the way say that they are there. */
const telling = [
  'server',
  'via',
  'x-powered-by',
  'cf-ray',
  'cf-cache-status',
  'x-cache',
  'age',
  'x-varnish',
  'x-vercel-id',
  'x-amz-cf-id',
  'x-azure-ref',
  'x-envoy-upstream-service-time',
  'x-accel-buffering',
];

export function notesOf({ verdict, reason, results }: Judgement): string[] {
  const notes: string[] = [];
  const first = results.all.find(({ path, status }) => path === 'url' && status !== null);
  const named = telling.flatMap((name) => {
    const value = first ? headerOf(first, name) : '';
    return value === '' ? [] : [`${name}: ${value.slice(0, 60)}`];
  });
  if (named.length > 0) notes.push(`the answer says of its way: ${named.join('; ')}`);
  const asked = results.hold('as asked');
  for (const probe of versions) {
    const other = results.hold(probe);
    if (!asked || !other || other.kind === 'few' || other.kind === asked.kind) {
      const sizes = asked?.kind === 'size' && other?.kind === 'size';
      if (!sizes || Math.abs(other.bytes / asked.bytes - 1) < 0.1) continue;
    }
    const name =
      probe === 'other method' ? results.of(probe)[0]!.observation.toggles.join(', ') : probe;
    notes.push(`with ${name}: ${holdWords(other)}; as asked: ${holdWords(asked)}`);
  }
  const streams = [...results.of('as asked'), ...results.of('as asked', 'direct')];
  const cached = streams.find(
    ({ observation }) =>
      /\bhit\b/i.test(headerOf(observation, 'x-cache')) ||
      Number(headerOf(observation, 'age')) > 0 ||
      /^hit/i.test(headerOf(observation, 'cf-cache-status')),
  );
  if (cached)
    notes.push('some answers came from a cache (Age, X-Cache): those show nothing of a stream');
  const accepts = new Set(streams.map(({ shape }) => shape.encoding).filter((name) => name !== ''));
  if (accepts.size > 0 && verdict.kind === 'streams') {
    notes.push(`the answer is compressed (${[...accepts].join(', ')}) and flushed for each event`);
  }
  if (
    reason.kind === 'compression' &&
    reason.plain &&
    !['none', 'few'].includes(reason.plain.kind)
  ) {
    notes.push(
      `there are two causes: without compression it would still be held (${holdWords(reason.plain)})`,
    );
  }
  if (
    results.shapes('as asked').some((shape) => shape.stalls.plain > 0) &&
    verdict.kind === 'streams'
  ) {
    notes.push('there were pauses that nothing made up for: the source of the events paused');
  }
  const requests = results.all.filter(({ probe, path }) => probe === 'as asked' && path === 'url');
  const broken = cutOf(requests);
  if (broken && reason.kind !== 'cut') {
    notes.push(`${broken.seen} of ${requests.length} streams as asked broke off before the end`);
  }
  const own = streams.reduce((sum, { observation }) => sum + observation.processPauses.length, 0);
  if (own > 5 * Math.max(1, streams.length)) {
    notes.push('this machine is busy: it did not run for moments while it listened');
  }
  return notes;
}
