/** The one question whose answer separates the components that are left. */
import { components, type ComponentId, type VerdictKind } from '../diagnosis.ts';
import { likelyComponents, type FixRequest } from './choose.ts';

export interface QuestionRequest extends FixRequest {
  /** The target was also asked without the proxy. */
  hasDirect: boolean;
}

interface Separator {
  between: readonly [ComponentId, ComponentId];
  /** Only for these verdicts; for all where it is missing. */
  kinds?: readonly VerdictKind[];
  question: string;
}

/** Pairs that are often left over, and what tells them apart. The first that fits is asked. */
const separators: readonly Separator[] = [
  {
    between: ['nginx', 'ingress-nginx'],
    question:
      'Is this nginx the ingress controller of a Kubernetes cluster (kubectl get ingressclass)? Then its annotations decide, not a file.',
  },
  {
    between: ['nginx', 'express'],
    kinds: ['compressed_without_flush'],
    question:
      'Does the application compress by itself? Ask it without nginx: curl -sN -o /dev/null -D - -H "Accept-Encoding: gzip" with its own address; a Content-Encoding there is the application\'s.',
  },
  {
    between: ['haproxy', 'go-proxy'],
    question:
      'Is the stream smooth over HTTP/2 (curl -N --http2)? Then it is HAProxy, which delays only HTTP/1.1; a Go proxy delays both.',
  },
  {
    between: ['nginx', 'aws-alb'],
    kinds: ['cut_when_idle'],
    question:
      'Does the error log of nginx say "upstream timed out" at the time of the cut? Then it was nginx; else the load balancer.',
  },
  {
    between: ['nginx', 'application'],
    kinds: ['buffered_by_size'],
    question:
      'Is the stream smooth when you ask the application itself (curl -N on its own port, or --direct URL here)? Then it is nginx; else the application does not flush.',
  },
  {
    between: ['nginx', 'application'],
    kinds: ['one_event_late'],
    question:
      'Does the application write an event and the empty line after it in one call? If not, that is the cause; if so, a proxy splits it.',
  },
];

const directQuestion =
  "Can you reach the application without the proxies, on its own port? Run the same with --direct URL: what differs is theirs, what does not is the application's.";

/** A question that asks which of several is in the path. */
function whichOf(names: readonly ComponentId[]): string {
  const shown = names.slice(0, 4).map((name) => components[name]);
  const last = shown.pop()!;
  return `Which of these stands between you and the model: ${shown.join(', ')} or ${last}? Its fix is the one to take.`;
}

/** null where nothing is left to ask: one component is certain, or no fix depends on the answer. */
export function questionFor(request: QuestionRequest): string | null {
  const { verdict, suspects, hasDirect } = request;
  if (['streams', 'packet_loss', 'cannot_tell'].includes(verdict.kind)) return null;
  const likely = likelyComponents(request);
  const [first] = likely;
  const certain = suspects.some(
    ({ component, confidence }) => component === first && confidence === 'high',
  );
  // The application's fixes always come along; they are not a second suspect by themselves.
  const suspected = suspects.map(({ component }) => component);
  const left = likely.filter((name) => name !== 'application' || suspected.includes(name));
  const known = separators.find(
    ({ between, kinds }) =>
      between.every((name) => likely.includes(name)) &&
      (kinds === undefined || kinds.includes(verdict.kind)),
  );
  if (certain) {
    // Which of the two nginx it is decides where the fix goes, even where nginx is certain.
    const second = left[1];
    const rival = suspects.find(({ component }) => component === second);
    return rival?.confidence === 'high' && known !== undefined ? known.question : null;
  }
  if (known !== undefined) {
    const asksDirect = known.between.includes('application');
    if (!(asksDirect && hasDirect)) return known.question;
  }
  if (!hasDirect && left.length <= 1) return directQuestion;
  if (left.length > 1) return whichOf(left);
  return hasDirect ? null : directQuestion;
}
