/**
 * What is probably in the path: by what responses say of themselves, and by patterns that only one
 * program makes.
 */
import type { ComponentId, ConfigReading, Suspect, Verdict } from './diagnosis.ts';
import { headerOf, type Observation } from './observe/observation.ts';
import type { Judgement } from './judge/decision-table.ts';
import { middle } from './judge/probe-results.ts';

type Confidence = Suspect['confidence'];

interface Mark {
  component: ComponentId;
  header: string;
  pattern: RegExp;
}

/** Headers by which a component names itself. */
const marks: readonly Mark[] = [
  { component: 'cloudflare', header: 'cf-ray', pattern: /./ },
  { component: 'cloudflare', header: 'server', pattern: /^cloudflare/i },
  { component: 'cloudfront', header: 'x-amz-cf-id', pattern: /./ },
  { component: 'cloudfront', header: 'via', pattern: /cloudfront/i },
  { component: 'aws-api-gateway', header: 'apigw-requestid', pattern: /./ },
  { component: 'aws-api-gateway', header: 'x-amz-apigw-id', pattern: /./ },
  { component: 'aws-api-gateway', header: 'x-amzn-requestid', pattern: /./ },
  { component: 'aws-alb', header: 'server', pattern: /^awselb/i },
  { component: 'aws-alb', header: 'x-amzn-trace-id', pattern: /./ },
  { component: 'azure', header: 'x-azure-ref', pattern: /./ },
  { component: 'azure', header: 'server', pattern: /^microsoft-azure-application-gateway/i },
  { component: 'heroku', header: 'via', pattern: /vegur|heroku/i },
  { component: 'heroku', header: 'server', pattern: /^(heroku|cowboy)/i },
  { component: 'vercel', header: 'x-vercel-id', pattern: /./ },
  { component: 'vercel', header: 'server', pattern: /^vercel/i },
  { component: 'varnish', header: 'x-varnish', pattern: /./ },
  { component: 'varnish', header: 'via', pattern: /varnish/i },
  { component: 'envoy', header: 'server', pattern: /envoy/i },
  { component: 'envoy', header: 'x-envoy-upstream-service-time', pattern: /./ },
  { component: 'caddy', header: 'server', pattern: /^caddy/i },
  { component: 'caddy', header: 'via', pattern: /caddy/i },
  { component: 'nginx', header: 'server', pattern: /nginx|openresty|tengine/i },
  { component: 'haproxy', header: 'server', pattern: /haproxy/i },
  { component: 'traefik', header: 'server', pattern: /traefik/i },
  { component: 'apache', header: 'server', pattern: /^apache/i },
  { component: 'apache', header: 'via', pattern: /apache/i },
  { component: 'nextjs', header: 'x-powered-by', pattern: /next\.?js/i },
  { component: 'nextjs', header: 'x-nextjs-cache', pattern: /./ },
  { component: 'express', header: 'x-powered-by', pattern: /express/i },
  { component: 'starlette', header: 'server', pattern: /uvicorn|hypercorn/i },
];

/** Idle limits that are known by their number, s, and whose they are. */
const idleLimits: readonly (readonly [from: number, to: number, ComponentId, string])[] = [
  [54, 57, 'heroku', 'Heroku cuts after 55 s of silence'],
  [58, 63, 'nginx', 'the default of proxy_read_timeout is 60 s'],
  [58, 63, 'aws-alb', 'the idle time-out of a load balancer is 60 s by default'],
  [97, 126, 'cloudflare', 'Cloudflare gives an origin about 100 s'],
  [28, 32, 'cloudfront', 'CloudFront gives an origin 30 s by default'],
  [238, 243, 'azure', 'the idle time-out of an Azure load balancer is 240 s'],
  [297, 305, 'envoy', 'stream_idle_timeout is 300 s by default'],
];

const totalLimits: readonly (readonly [from: number, to: number, ComponentId, string])[] = [
  [14.5, 16, 'envoy', 'the time-out of a route is 15 s by default'],
  [28, 31, 'aws-api-gateway', 'the integration time-out is 29 s'],
  [297, 305, 'vercel', 'a function runs 300 s by default'],
  [797, 805, 'vercel', 'a function runs 800 s at most'],
];

/** Most likely first; at most five. */
export function suspectsFor(judgement: Judgement, config?: ConfigReading | null): Suspect[] {
  const { verdict, results, reason } = judgement;
  const found: Suspect[] = [];
  const add = (component: ComponentId, confidence: Confidence, because: string): void => {
    const known = found.find((suspect) => suspect.component === component);
    if (!known) {
      found.push({ component, confidence, because });
      return;
    }
    if (rank[confidence] < rank[known.confidence]) known.confidence = confidence;
    if (!known.because.includes(because)) known.because += `; ${because}`;
  };
  if (verdict.kind === 'packet_loss') {
    return [
      { component: 'network', confidence: 'high', because: 'pauses as lost packets make them' },
    ];
  }
  const upstream =
    (reason.kind === 'rule' && reason.found.upstream) ||
    (reason.kind === 'whole' && reason.upstream);
  const url = results.all.find(({ path, status }) => path === 'url' && status !== null);
  const direct = results.all.find(({ path, status }) => path === 'direct' && status !== null);
  if (upstream) {
    add('application', 'medium', 'the direct path shows the same');
    if (direct) for (const mark of marksIn(direct)) add(mark.component, 'medium', mark.because);
    return ordered(found);
  }
  const cause = config?.verdict === 'buffers' ? config.findings[0] : undefined;
  if (cause) add('nginx', 'high', `its configuration, ${cause.file}:${cause.line}`);
  byPattern(judgement, url, add);
  if (url) {
    const behind = new Set(direct ? marksIn(direct).map(({ because }) => because) : []);
    for (const { component, because } of marksIn(url)) {
      // What the direct path says too is behind what was compared, unless nothing else is known.
      const shared = behind.has(because);
      const likely = typical[component]?.includes(verdict.kind) ?? false;
      if (shared && !likely) continue;
      add(component, shared ? 'low' : likely ? 'high' : 'low', because);
    }
  }
  // A configuration that streams clears nginx, whatever else points to it.
  const cleared = config?.verdict === 'streams' && verdict.kind !== 'cut_when_idle';
  return ordered(cleared ? found.filter(({ component }) => component !== 'nginx') : found);
}

const rank: Record<Confidence, number> = { high: 0, medium: 1, low: 2 };

function ordered(suspects: readonly Suspect[]): Suspect[] {
  // A program that gave its name says more than "the application", where both are as likely.
  const named = ({ component }: Suspect): number => (component === 'application' ? 1 : 0);
  return suspects
    .toSorted((a, b) => rank[a.confidence] - rank[b.confidence] || named(a) - named(b))
    .slice(0, 5);
}

/** What each component is known to do; what it names itself for otherwise is not a reason to suspect it. */
const typical: Partial<Record<ComponentId, readonly Verdict['kind'][]>> = {
  nginx: [
    'buffered_by_size',
    'compressed_without_flush',
    'paced_by_round_trip',
    'one_event_late',
    'headers_withheld',
    'cut_when_idle',
    'stored_and_forwarded',
  ],
  haproxy: ['buffered_by_time', 'paced_by_round_trip', 'one_event_late', 'cut_when_idle'],
  apache: ['compressed_without_flush', 'cut_when_idle', 'buffered_by_size'],
  caddy: ['compressed_without_flush', 'buffered_by_time'],
  varnish: ['stored_and_forwarded', 'compressed_without_flush', 'cut_when_idle'],
  cloudflare: [
    'compressed_without_flush',
    'stored_and_forwarded',
    'cut_when_idle',
    'buffered_by_size',
  ],
  cloudfront: ['compressed_without_flush', 'cut_when_idle', 'buffered_by_size'],
  'aws-alb': ['cut_when_idle'],
  'aws-api-gateway': ['stored_and_forwarded', 'cut_at_total', 'cut_when_idle'],
  azure: ['stored_and_forwarded', 'buffered_by_size', 'cut_when_idle'],
  heroku: ['cut_when_idle', 'buffered_by_size'],
  vercel: ['cut_at_total', 'compressed_without_flush'],
  nextjs: ['compressed_without_flush', 'stored_and_forwarded'],
  express: ['compressed_without_flush'],
  starlette: ['compressed_without_flush', 'headers_withheld'],
  traefik: ['buffered_by_time', 'compressed_without_flush', 'stored_and_forwarded'],
  envoy: ['cut_at_total', 'cut_when_idle', 'stored_and_forwarded'],
};

function marksIn(observation: Observation): { component: ComponentId; because: string }[] {
  return marks.flatMap(({ component, header, pattern }) => {
    const value = headerOf(observation, header);
    return value !== '' && pattern.test(value)
      ? [{ component, because: `${header}: ${value.slice(0, 80)}` }]
      : [];
  });
}

/** Patterns that point to a program, though it does not name itself. */
function byPattern(
  { verdict, results, reason }: Judgement,
  url: Observation | undefined,
  add: (component: ComponentId, confidence: Confidence, because: string) => void,
): void {
  const asked = results.shapes('as asked');
  const cleanHttp2 = results.hold('HTTP/2')?.kind === 'none';
  switch (verdict.kind) {
    case 'buffered_by_size': {
      const size = verdict.size_bytes ?? 0;
      if (Math.abs(size - 4096) <= 16) add('nginx', 'medium', '4,096 bytes is a page, its buffer');
      else if (Math.abs(size - 8192) <= 16)
        add('application', 'low', '8 KiB is a usual write buffer');
      else if (Math.abs(size - 32_768) <= 16)
        add('go-proxy', 'low', '32 KiB is what Go copies at a time');
      break;
    }
    case 'buffered_by_time': {
      const period = verdict.period_ms ?? 0;
      if (period >= 190 && period <= 245) {
        const because = `about 200 ms is how long Linux holds a corked segment${cleanHttp2 ? ', and over HTTP/2 it is gone' : ''}`;
        add('haproxy', cleanHttp2 ? 'high' : 'medium', because);
      } else if (period >= 95 && period <= 125) {
        add('traefik', 'low', '100 ms is the default of responseForwarding.flushInterval');
        add('go-proxy', 'low', '100 ms is a usual FlushInterval');
      }
      break;
    }
    case 'paced_by_round_trip': {
      const second = results.hold('same connection');
      if (second?.kind === 'none') {
        add(
          'nginx',
          'medium',
          'only the first request of a connection is paced: it sets TCP_NODELAY later',
        );
      } else if (second) {
        add('haproxy', 'low', 'every request of a connection is paced');
        add('application', 'low', 'a server without TCP_NODELAY does so on every request');
      }
      break;
    }
    case 'compressed_without_flush': {
      const early = middle(asked, (shape) => (shape.firstTokenMs ?? 0) - (shape.headersMs ?? 0));
      const who = url ? headerOf(url, 'vary') : '';
      if (early > 200) {
        add('application', 'low', 'the head comes early, as from a compressing application');
      } else if (who !== '') add('nginx', 'low', 'the head waits for the compressor');
      break;
    }
    case 'headers_withheld':
      add('application', 'low', 'most frameworks send the head with the first write');
      break;
    case 'one_event_late':
      if (
        asked.some((shape) => shape.encoding !== '') &&
        results.hold('no compression')?.kind === 'none'
      ) {
        add(
          'haproxy',
          'medium',
          'its compressor keeps the end of each event; without it the stream is clean',
        );
      } else if (reason.kind === 'lag' && reason.lag.by === 'tails') {
        add('application', 'low', 'events written in two parts come so through nginx');
      }
      break;
    case 'cut_when_idle':
      fromLimits(idleLimits, verdict.limit_ms, add);
      break;
    case 'cut_at_total':
      fromLimits(totalLimits, verdict.limit_ms, add);
      break;
    default:
  }
}

function fromLimits(
  limits: typeof idleLimits,
  limitMs: number | undefined,
  add: (component: ComponentId, confidence: Confidence, because: string) => void,
): void {
  const seconds = (limitMs ?? 0) / 1000;
  for (const [from, to, component, because] of limits) {
    if (seconds >= from && seconds <= to) add(component, 'medium', because);
  }
}
