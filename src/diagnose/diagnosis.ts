/**
 * What `streamgauge diagnose` answers: one verdict, with its evidence, its likely component and the
 * lines that fix it. Every output (terminal, HTML, JSON, Markdown) is made from this object and from
 * nothing else; the JSON output is this object.
 *
 * Times are milliseconds, sizes bytes.
 */
import { z } from 'zod';

export const diagnosisVersion = 1;

/** Every verdict, in the words that users read. */
export const verdicts = {
  streams: 'events arrive as they are produced',
  buffered_by_size: 'held until a buffer of fixed size is full',
  buffered_by_time: 'held until a fixed time has passed',
  paced_by_round_trip: 'small packets held for an acknowledgement (Nagle), once per round trip',
  compressed_without_flush: 'held inside a compressor that is not flushed',
  stored_and_forwarded: 'held until the whole answer was there',
  headers_withheld: 'streams, but the response headers wait for the first event',
  one_event_late: 'each event waits for the next one',
  cut_when_idle: 'cut when nothing was sent for a time',
  cut_at_total: 'cut a fixed time after its start, busy or not',
  packet_loss: 'pauses as packet loss makes them; no proxy',
  cannot_tell: 'too little was seen to judge',
} as const;

export type VerdictKind = keyof typeof verdicts;
export const verdictKinds = Object.keys(verdicts) as VerdictKind[];

/** How the process ends: 0 streams, 99 held back or cut, 97 cannot tell. */
export type DiagnosisExit = 'ok' | 'gateFailed' | 'inconclusive';

export function exitOf(kind: VerdictKind): DiagnosisExit {
  if (kind === 'cannot_tell') return 'inconclusive';
  // Loss is no proxy's doing, and no configuration line fixes it.
  return kind === 'streams' || kind === 'packet_loss' ? 'ok' : 'gateFailed';
}

/** What may stand between a model and its client; each has a file of fixes. */
export const components = {
  nginx: 'nginx',
  'ingress-nginx': 'ingress-nginx (Kubernetes)',
  haproxy: 'HAProxy',
  apache: 'Apache httpd',
  caddy: 'Caddy',
  varnish: 'Varnish',
  cloudflare: 'Cloudflare',
  cloudfront: 'Amazon CloudFront',
  'aws-alb': 'AWS Application Load Balancer',
  'aws-api-gateway': 'Amazon API Gateway or Lambda',
  azure: 'Azure Application Gateway or Front Door',
  heroku: 'Heroku router',
  vercel: 'Vercel',
  nextjs: 'Next.js',
  express: 'Express (Node)',
  starlette: 'FastAPI or Starlette',
  traefik: 'Traefik',
  envoy: 'Envoy or Istio',
  'go-proxy': 'a Go reverse proxy',
  application: 'the application itself',
  network: 'the network',
  unknown: 'not known',
} as const;

export type ComponentId = keyof typeof components;
export const componentIds = Object.keys(components) as ComponentId[];

const time = z.number();

const verdictSchema = z.strictObject({
  kind: z.enum(verdictKinds as [VerdictKind, ...VerdictKind[]]),
  /** Of the buffer, or of a compressor's block. */
  size_bytes: z.number().optional().describe('buffer size, bytes (buffered_by_size)'),
  period_ms: time
    .optional()
    .describe('period of the bursts (buffered_by_time, paced_by_round_trip)'),
  lag_ms: time
    .optional()
    .describe('how much later than produced (one_event_late, headers_withheld)'),
  limit_ms: time.optional().describe('the idle or total time after which it is cut'),
  confidence: z
    .enum(['high', 'medium', 'low'])
    .describe('high: a toggle confirmed it; medium: the pattern fits one cause; low: a best guess'),
});

/** One number that carries the verdict. */
const evidenceSchema = z.strictObject({
  name: z.string().describe('short, for a table: "bytes per burst"'),
  value: z.string().describe('with its unit, formatted: "4,096 B ± 0 %"'),
  means: z.string().describe('why it matters, in one clause'),
});

/** What was found in the path, and what says so. */
const suspectSchema = z.strictObject({
  component: z.enum(componentIds as [ComponentId, ...ComponentId[]]),
  confidence: z.enum(['high', 'medium', 'low']),
  because: z.string().describe('the header or the pattern that points to it'),
});

const fixSchema = z.strictObject({
  component: z.enum(componentIds as [ComponentId, ...ComponentId[]]),
  title: z.string(),
  where: z.string().describe('the file, block or page that it goes into'),
  paste: z.string().describe('the lines to paste, as they are'),
  why: z.string(),
  side_effect: z.string().optional().describe('what else it changes, where it does'),
});

/** The arrivals of one stream, for a picture: what came together, when. */
const pictureSchema = z.strictObject({
  title: z.string().describe('"through the proxy", "direct", "identity"'),
  headers_at: time.nullable(),
  ended_at: time.nullable(),
  /** One entry for each read from the socket that brought body bytes. */
  reads: z.array(
    z.strictObject({
      at: time.describe('ms after the request was written'),
      bytes: z.int().nonnegative().describe('body bytes on the wire'),
      events: z.int().nonnegative().describe('events completed by it'),
    }),
  ),
});

/** One request that was made, and what it showed. */
const probeSchema = z.strictObject({
  name: z.string().describe('what was asked: "as asked", "no compression", "HTTP/1.0"'),
  path: z.enum(['url', 'direct']),
  repeat: z.int().nonnegative(),
  toggles: z.array(z.string()).describe('how it differs from the request as the user gave it'),
  status: z.int().nullable(),
  http_version: z.string(),
  headers_ms: time.nullable(),
  first_event_ms: time.nullable(),
  last_event_ms: time.nullable(),
  ended_ms: time.nullable(),
  end: z.string().describe('"complete", "cut: …", "reset", "our budget", …'),
  events: z.int().nonnegative(),
  bursts: z.int().nonnegative(),
  bytes: z.int().nonnegative(),
  says: z.string().describe('what it contributes, in one clause; "" where nothing'),
});

/** What reading a configuration found. */
const configFindingSchema = z.strictObject({
  file: z.string(),
  line: z.int().positive(),
  column: z.int().positive(),
  text: z.string().describe('the directive as written'),
  severity: z.enum(['cause', 'risk', 'note']),
  message: z.string(),
  fix: z.string().describe('the line to write instead, "" where none is needed'),
});

const configSchema = z.strictObject({
  file: z.string(),
  verdict: z.enum(['buffers', 'streams', 'unclear']),
  summary: z.string(),
  findings: z.array(configFindingSchema),
});

export const diagnosisSchema = z.strictObject({
  version: z.literal(diagnosisVersion),
  tool: z.strictObject({ name: z.literal('streamgauge'), version: z.string() }),
  started: z.string().describe('ISO time'),
  url: z.string().describe('without secrets'),
  direct_url: z.string().nullable(),
  dialect: z.string(),
  verdict: verdictSchema,
  summary: z.string().describe('the answer in one or two sentences'),
  evidence: z.array(evidenceSchema).describe('two or three, the strongest first'),
  cost: z
    .strictObject({
      ttft_ms: time.describe('time to first token as users get it'),
      held_ms: time.describe('how much of it is the buffering'),
      method: z
        .string()
        .describe('"measured against the direct path", "estimated from the pattern"'),
    })
    .nullable(),
  suspects: z.array(suspectSchema).describe('most likely first'),
  question: z
    .string()
    .nullable()
    .describe('the one question whose answer separates what is left, null where nothing is'),
  fixes: z.array(fixSchema),
  pictures: z.array(pictureSchema),
  probes: z.array(probeSchema),
  config: configSchema.nullable(),
  notes: z
    .array(z.string())
    .describe('what else the user should know: redirects, limits met, skipped probes'),
  spent: z.strictObject({
    requests: z.int().nonnegative(),
    seconds: z.number().nonnegative(),
    budget_seconds: z.number().positive(),
    partial: z.boolean().describe('the budget or a signal ended it before all probes were made'),
  }),
});

export type Diagnosis = z.infer<typeof diagnosisSchema>;
export type Verdict = Diagnosis['verdict'];
export type Evidence = Diagnosis['evidence'][number];
export type Suspect = Diagnosis['suspects'][number];
export type Fix = Diagnosis['fixes'][number];
export type ArrivalPicture = Diagnosis['pictures'][number];
export type ProbeSummary = Diagnosis['probes'][number];
export type ConfigReading = z.infer<typeof configSchema>;
export type ConfigFinding = z.infer<typeof configFindingSchema>;
