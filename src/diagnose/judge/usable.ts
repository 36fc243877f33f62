/** Answers that cannot be judged as a stream: said as they are, with what was seen. */
import { headerOf, mediaTypeOf, type Observation } from '../observe/observation.ts';
import { formatDuration } from '../../format/duration.ts';
import { keyVariables } from '../options.ts';

export interface Unusable {
  /** Stable, for programs: `needs-credentials`. */
  code: string;
  summary: string;
  hint: string;
}

/** What the answer said about itself, shortened. */
function quoted(observation: Observation): string {
  const text = observation.bodyStart.replaceAll(/\s+/g, ' ').trim();
  if (text === '') return '';
  return `: ${text.length > 160 ? `${text.slice(0, 160)}…` : text}`;
}

export function unusableBy(observation: Observation): Unusable | undefined {
  const { status } = observation;
  if (observation.decodeProblem !== '') {
    return {
      code: 'cannot-decode',
      summary: `the body cannot be read: ${observation.decodeProblem}`,
      hint: 'ask for another encoding: --header "Accept-Encoding: identity"',
    };
  }
  if (status === null) {
    return observation.end === 'budget' || observation.end === 'aborted'
      ? {
          code: 'no-answer',
          summary: `no answer within ${formatDuration(observation.endedMs ?? 0)}`,
          hint: 'a larger --budget waits longer',
        }
      : {
          code: 'no-answer',
          summary: `no answer: ${observation.detail}`,
          hint: 'check the URL and its port',
        };
  }
  if (status >= 300 && status < 400) {
    const to = headerOf(observation, 'location');
    return {
      code: 'redirect',
      summary: `answered ${status}${to === '' ? '' : `, which redirects to ${to}`}; it was not followed`,
      hint: 'diagnose the address that it redirects to',
    };
  }
  if (status === 401 || status === 403) {
    return {
      code: 'needs-credentials',
      summary: `needs credentials: answered ${status}${quoted(observation)}`,
      hint: `set ${keyVariables.join(' or ')} for an API dialect, or give --header "Authorization: Bearer \${MY_KEY}"`,
    };
  }
  if (status === 429) {
    const after = headerOf(observation, 'retry-after');
    return {
      code: 'rate-limited',
      summary: `rate-limited: answered 429${after === '' ? '' : `, try again after ${after} s`}`,
      hint: 'wait, and use --repeat 1 to make fewer requests',
    };
  }
  if (status >= 400) {
    return {
      code: 'http-error',
      summary: `answered ${status} ${observation.statusText}`.trimEnd() + quoted(observation),
      hint: 'check method, path and body; --dialect makes the request of an API by itself',
    };
  }
  const type = mediaTypeOf(observation);
  if (status === 204 || (observation.reads.length === 0 && observation.end === 'complete')) {
    return { code: 'empty', summary: `answered ${status} without a body`, hint: 'check the URL' };
  }
  if (type === 'text/html') {
    return {
      code: 'not-a-stream',
      summary: 'does not stream: the answer is an HTML page',
      hint: 'check the path: a page for people was reached, perhaps a login or an error',
    };
  }
  if (type === 'application/json' && !observation.bodyStart.trimStart().startsWith('data:')) {
    if (observation.events.length < 8) {
      return {
        code: 'not-a-stream',
        summary: `does not stream: the answer is one JSON document${quoted(observation)}`,
        hint: 'ask for a stream: many APIs want "stream": true in the body',
      };
    }
  }
  return undefined;
}
