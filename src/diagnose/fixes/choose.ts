/** Which fixes to show for a verdict, and the one question that is left. */
import type {
  ComponentId,
  ConfigReading,
  Fix,
  Suspect,
  Verdict,
  VerdictKind,
} from '../diagnosis.ts';
import { candidatesFor } from './candidates.ts';
import { withPlace } from './placed-fixes.ts';
import { componentFixes } from './registry.ts';

export interface FixRequest {
  verdict: Verdict;
  /** Most likely first. */
  suspects: readonly Suspect[];
  /** What the configuration of nginx says: its fixes then name file and line. */
  config?: ConfigReading | null;
  /** At most so many. Default 4. */
  most?: number;
}

const mostFixes = 4;

/** What a component has for a verdict; [] where it cannot be the cause. */
function remediesOf(component: ComponentId, verdict: Verdict): Fix[] {
  const remedy = componentFixes(component)?.remedies[verdict.kind];
  if (remedy === undefined) return [];
  const texts = typeof remedy === 'function' ? remedy(verdict) : remedy;
  return texts.map((text) => ({ component, ...text }));
}

/** Held back by what fills or waits: the application can change it only by headers that are obeyed. */
const held: readonly VerdictKind[] = [
  'buffered_by_size',
  'buffered_by_time',
  'paced_by_round_trip',
  'compressed_without_flush',
  'stored_and_forwarded',
];

/** Suspects that can cause it, else the usual ones. What the application can do comes last. */
export function likelyComponents({ verdict, suspects }: FixRequest): ComponentId[] {
  const able = suspects
    .map(({ component }) => component)
    .filter((component) => remediesOf(component, verdict).length > 0);
  const named = able.filter((component) => component !== 'application');
  // A suspect that cannot cause it says nothing about what does.
  const chosen = able.length > 0 ? named : candidatesFor(verdict);
  return [...new Set([...chosen, ...able, 'application' as const])];
}

/**
 * The fixes to show, most likely first: all that the first component has where it is certain,
 * else one of each in turn.
 */
export function fixesFor(request: FixRequest): Fix[] {
  const { verdict, suspects } = request;
  const most = request.most ?? mostFixes;
  const components = likelyComponents(request);
  const certain = suspects.some(
    ({ component, confidence }) => confidence === 'high' && component === components[0],
  );
  const helpless =
    certain &&
    held.includes(verdict.kind) &&
    !suspects.some(({ component }) => component === 'application') &&
    componentFixes(components[0]!)?.obeysHeaders === false;
  const lists = components
    .filter((component) => !(helpless && component === 'application'))
    .map((component) => {
      const remedies = remediesOf(component, verdict);
      return component === 'nginx' && held.includes(verdict.kind)
        ? withPlace(remedies, request.config ?? null)
        : remedies;
    });
  const [first, ...others] = lists.filter((list) => list.length > 0);
  if (first === undefined) return [];
  const fixes: Fix[] = [];
  if (certain) fixes.push(...first.slice(0, Math.max(1, most - (others.length > 0 ? 1 : 0))));
  // In addition to what is certain, one other way is enough.
  const rest = certain ? others.map((list) => list.slice(0, 1)) : [first, ...others];
  const longest = Math.max(0, ...rest.map((list) => list.length));
  for (let turn = 0; turn < longest; turn++) {
    for (const list of rest) {
      const fix = list[turn];
      if (fix !== undefined) fixes.push(fix);
    }
  }
  return fixes.slice(0, most);
}
