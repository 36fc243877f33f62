/** Which components a verdict may come from where nothing else points to one, most usual first. */
import type { ComponentId, Verdict, VerdictKind } from '../diagnosis.ts';

const usual: Partial<Record<VerdictKind, readonly ComponentId[]>> = {
  buffered_by_size: ['nginx', 'application', 'go-proxy'],
  buffered_by_time: ['haproxy', 'go-proxy', 'traefik'],
  paced_by_round_trip: ['nginx', 'haproxy', 'application'],
  compressed_without_flush: ['nginx', 'express', 'nextjs', 'starlette'],
  stored_and_forwarded: ['application', 'nginx', 'aws-api-gateway', 'azure'],
  headers_withheld: ['application', 'starlette', 'nginx'],
  one_event_late: ['application', 'nginx', 'haproxy'],
  packet_loss: ['network'],
};

interface Limit {
  /** Seconds. */
  from: number;
  to: number;
  components: readonly ComponentId[];
}

/** Limits on silence that are known by their number. */
const idleLimits: readonly Limit[] = [
  { from: 28, to: 32, components: ['cloudfront', 'aws-api-gateway', 'heroku'] },
  { from: 53, to: 57, components: ['heroku'] },
  { from: 58, to: 63, components: ['nginx', 'aws-alb', 'apache', 'varnish'] },
  { from: 95, to: 130, components: ['cloudflare'] },
  { from: 230, to: 250, components: ['azure', 'network'] },
  { from: 290, to: 310, components: ['envoy'] },
  { from: 340, to: 360, components: ['network'] },
];

/** Limits on a whole answer that are known by their number. */
const totalLimits: readonly Limit[] = [
  { from: 14, to: 16, components: ['envoy'] },
  { from: 28, to: 31, components: ['aws-api-gateway', 'heroku'] },
  { from: 58, to: 63, components: ['traefik', 'vercel'] },
  { from: 290, to: 310, components: ['vercel'] },
  { from: 590, to: 610, components: ['varnish'] },
  { from: 790, to: 810, components: ['vercel'] },
  { from: 890, to: 910, components: ['aws-api-gateway'] },
];

function byLimit(limits: readonly Limit[], limitMs: number | undefined): readonly ComponentId[] {
  if (limitMs === undefined) return [];
  const seconds = limitMs / 1000;
  return limits.find(({ from, to }) => seconds >= from && seconds <= to)?.components ?? [];
}

/** Most usual first; the application last where it can always help. */
export function candidatesFor(verdict: Verdict): readonly ComponentId[] {
  switch (verdict.kind) {
    case 'cut_when_idle':
      return [...byLimit(idleLimits, verdict.limit_ms), 'application'];
    case 'cut_at_total':
      return [...byLimit(totalLimits, verdict.limit_ms), 'application'];
    default:
      return usual[verdict.kind] ?? [];
  }
}
