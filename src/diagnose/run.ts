/** `diagnose`: asks, watches, compares, and says who holds the stream back. */
import { burstThreshold } from './analyse/bursts.ts';
import { readNginxConfig } from './config/read.ts';
import type { ArrivalPicture, ConfigReading, Diagnosis, ProbeSummary } from './diagnosis.ts';
import { fixesFor, questionFor } from './fixes/index.ts';
import { costOf } from './judge/cost.ts';
import { judge, type Judgement } from './judge/decision-table.ts';
import { unusableBy } from './judge/usable.ts';
import { evidenceOf, holdWords, summaryOf } from './judge/verdict-text.ts';
import { notesOf } from './judge/notes.ts';
import { headerOf, type Observation } from './observe/observation.ts';
import { usageError, type DiagnoseOptions } from './options.ts';
import { Prober } from './plan/prober.ts';
import { runRounds } from './plan/rounds.ts';
import { publicUrl, requestTemplate } from './request.ts';
import { RealScheduler } from '../timer/real-scheduler.ts';
import type { Scheduler } from '../timer/scheduler.ts';
import { suspectsFor } from './suspects.ts';
import { isoTime } from '../wall-time.ts';

const defaultBudgetMs = 60_000;
const defaultRepeat = 2;
const mostPictures = 4;
const mostPictureReads = 3000;

/** What only the caller knows. */
export interface DiagnoseContext {
  version: string;
  /** Wall clock, ms since 1970. */
  startedMs: number;
  /** Default: the machine's time. */
  time?: Scheduler;
}

/**
 * @throws StreamgaugeError `usage` for options that cannot be; `target-unreachable` or `tls-failed` where there
 *   is no connection. Whatever else the target does is an answer: the verdict says it.
 */
export async function runDiagnosis(
  options: DiagnoseOptions,
  context: DiagnoseContext,
): Promise<Diagnosis> {
  const budgetMs = options.budgetMs ?? defaultBudgetMs;
  const repeat = options.repeat ?? defaultRepeat;
  if (!(budgetMs >= 1000)) throw usageError('the budget must be at least 1 s');
  if (!Number.isInteger(repeat) || repeat < 1 || repeat > 20) {
    throw usageError('repeat must be a whole number from 1 to 20');
  }
  const template = requestTemplate(options, context.version);
  // Read before anything is asked: what is wrong with the file is said immediately.
  if (options.config) readNginxConfig(options.config);
  const time = context.time ?? new RealScheduler({ pollShare: 0 });
  const prober = new Prober(template, options, budgetMs, time);
  let whole: boolean;
  try {
    whole = await runRounds(prober, {
      budgetMs,
      repeat,
      seed: options.seed ?? 1,
      hasDirect: template.direct !== undefined,
      otherMethods: template.methods.slice(1),
    });
  } finally {
    prober.close();
  }
  const judgement = judge(prober.observations);
  const { verdict } = judgement;
  const config = configOf(options, prober, judgement);
  const suspects = verdict.kind === 'streams' ? [] : suspectsFor(judgement, config);
  return {
    version: 1,
    tool: { name: 'streamgauge', version: context.version },
    started: isoTime(context.startedMs),
    url: publicUrl(prober.target),
    direct_url: template.direct ? publicUrl(template.direct) : null,
    dialect: template.dialect,
    verdict,
    summary: summaryOf(judgement),
    evidence: evidenceOf(judgement),
    cost: costOf(judgement),
    suspects,
    question: questionFor({ verdict, suspects, hasDirect: template.direct !== undefined }),
    fixes: fixesFor({ verdict, suspects, config }),
    pictures: picturesOf(judgement),
    probes: prober.observations.map((observation) => summarized(observation, judgement)),
    config,
    notes: [
      ...(template.note === undefined ? [] : [template.note]),
      ...prober.notes,
      ...notesOf(judgement),
    ],
    spent: {
      requests: prober.requests,
      seconds: Math.round(prober.elapsedMs / 10) / 100,
      budget_seconds: budgetMs / 1000,
      partial: !whole,
    },
  };
}

/** What the configuration says of this URL, together with what the probes know. */
function configOf(
  { config }: DiagnoseOptions,
  prober: Prober,
  { results }: Judgement,
): ConfigReading | null {
  if (!config) return null;
  const url = results.all.find(({ path, status }) => path === 'url' && status !== null);
  const direct = results.all.find(({ path, status }) => path === 'direct' && status !== null);
  return readNginxConfig({
    ...config,
    url: prober.target.href,
    nginxVersion: config.nginxVersion ?? (url && headerOf(url, 'server')),
    targetHeaders: direct && Object.fromEntries(direct.headers),
  });
}

const ends: Record<Observation['end'], string> = {
  complete: 'complete',
  cut: 'cut',
  reset: 'reset',
  budget: 'our budget',
  aborted: 'interrupted',
  connect_failed: 'no connection',
  tls_failed: 'no TLS',
  malformed: 'not HTTP',
};

function summarized(observation: Observation, { results }: Judgement): ProbeSummary {
  const stream = results.stream(observation);
  const { reads, events, end, detail } = observation;
  const tenth = (ms: number | null | undefined): number | null =>
    ms === null || ms === undefined ? null : Math.round(ms * 10) / 10;
  const enough = end === 'budget' && events.length > 0;
  return {
    name: observation.probe,
    path: observation.path,
    repeat: observation.repeat,
    toggles: [...observation.toggles],
    status: observation.status,
    http_version: observation.httpVersion,
    headers_ms: tenth(observation.headersMs),
    first_event_ms: tenth(events[0]?.at),
    last_event_ms: tenth(events.at(-1)?.at),
    ended_ms: tenth(observation.endedMs),
    end: enough ? 'left: seen enough' : `${ends[end]}${detail === '' ? '' : `: ${detail}`}`,
    events: events.length,
    bursts: stream?.shape.bursts.length ?? groups(reads),
    bytes: reads.reduce((sum, read) => sum + read.bytes, 0),
    says: stream ? holdWords(stream.hold) : (unusableBy(observation)?.summary ?? ''),
  };
}

function groups(reads: Observation['reads']): number {
  const threshold = burstThreshold(Number.NaN);
  return reads.filter((read, index) => index === 0 || read.at - reads[index - 1]!.at > threshold)
    .length;
}

/** As asked, directly, and the toggles that differ most from it. */
function picturesOf({ results, reason }: Judgement): ArrivalPicture[] {
  if (reason.kind === 'unusable') return [];
  const pictures: ArrivalPicture[] = [];
  const add = (observation: Observation | undefined, title: string): void => {
    if (!observation || observation.reads.length === 0 || pictures.length >= mostPictures) return;
    const tenth = (ms: number): number => Math.round(ms * 100) / 100;
    pictures.push({
      title,
      headers_at: observation.headersMs === null ? null : tenth(observation.headersMs),
      ended_at:
        observation.endedMs === null || observation.end === 'budget'
          ? null
          : tenth(observation.endedMs),
      reads: observation.reads
        .slice(0, mostPictureReads)
        .map((read) => ({ at: tenth(read.at), bytes: read.bytes, events: read.events })),
    });
  };
  const last = (probe: Observation['probe'], path: Observation['path'] = 'url') =>
    results.of(probe, path).at(-1)?.observation;
  const direct = last('as asked', 'direct');
  add(last('as asked') ?? results.all[0], direct ? 'through the proxy' : 'as asked');
  add(direct, 'direct');
  const asked = results.hold('as asked');
  for (const probe of [
    'no compression',
    'HTTP/2',
    'same connection',
    'tokens × 4',
    'interval × 4',
    'silence',
  ] as const) {
    const hold = results.hold(probe);
    const differs = hold && asked && (hold.kind !== asked.kind || probe.includes('×'));
    const matters = asked?.kind !== 'none' || probe === 'silence';
    if (differs && matters) add(last(probe), probe);
  }
  return pictures;
}
