/** Diagnoses cases and says what was right. */
import type { Diagnosis, VerdictKind } from '../../../src/diagnose/diagnosis.ts';
import { exitOf } from '../../../src/diagnose/diagnosis.ts';
import { runDiagnosis } from '../../../src/diagnose/run.ts';
import type { DiagnosisCase, Expected, OpenCase } from './case.ts';
import { Rig } from './rig.ts';

export interface Outcome {
  verdict: Diagnosis['verdict'];
  component: string;
  summary: string;
  /** What is wrong with it; empty where all is right. */
  wrong: string[];
  /** A clean path was called held back or cut. */
  falseAlarm: boolean;
  seconds: number;
  requests: number;
}

export async function diagnoseCase(open: OpenCase, seed: number): Promise<Diagnosis> {
  return runDiagnosis(
    {
      url: open.url,
      direct: open.directUrl,
      dialect: open.speaks === 'chat' ? 'openai-chat' : 'generic',
      budgetMs: 40_000,
      seed,
      tls: { ca: open.ca },
    },
    { version: '0.0.0', startedMs: Date.now() },
  );
}

function range(
  what: string,
  value: number | undefined,
  wanted: readonly [number, number] | undefined,
): string[] {
  if (!wanted) return [];
  const [from, to] = wanted;
  if (value !== undefined && value >= from && value <= to) return [];
  return [`${what} ${value ?? 'not given'}, not ${Math.round(from)} to ${Math.round(to)}`];
}

/** What of a diagnosis is not as expected. */
export function wrongWith(
  { verdict, suspects, fixes }: Diagnosis,
  { kinds, sizeBytes, periodMs, limitMs, components, fix }: Expected,
): string[] {
  if (!kinds.includes(verdict.kind)) return [`${verdict.kind}, not ${kinds.join(' or ')}`];
  const suspect = suspects[0]?.component;
  const pasted = fixes.map(({ paste }) => paste).join('\n');
  return [
    ...range(
      'size',
      verdict.size_bytes,
      verdict.kind === 'buffered_by_size' ? sizeBytes : undefined,
    ),
    ...range('period', verdict.period_ms, periodMs),
    ...range('limit', verdict.limit_ms, limitMs),
    ...(components && (!suspect || !components.includes(suspect))
      ? [`${suspect ?? 'no component'} suspected, not ${components.join(' or ')}`]
      : []),
    ...(fix && !fix.test(pasted) ? [`no fix says ${String(fix)}`] : []),
  ];
}

export const isClean = ({ expected: { kinds } }: DiagnosisCase): boolean =>
  kinds.every((kind: VerdictKind) => exitOf(kind) === 'ok');

async function once(one: DiagnosisCase, open: OpenCase, seed: number): Promise<Outcome> {
  const diagnosis = await diagnoseCase(open, seed);
  const { verdict, summary, suspects, spent } = diagnosis;
  return {
    verdict,
    component: suspects[0]?.component ?? '',
    summary,
    wrong: wrongWith(diagnosis, one.expected),
    falseAlarm: isClean(one) && exitOf(verdict.kind) === 'gateFailed',
    seconds: spent.seconds,
    requests: spent.requests,
  };
}

export interface Plan {
  /** How often each case is diagnosed. */
  repeat: number;
  /** Of the losses on simulated networks, and of the order of probes. */
  seed: number;
  /** How many cases at a time. */
  concurrency: number;
  /** A case that was wrong is tried so often again. */
  again?: number;
  /** Told as each case ends. */
  onCase?: (one: DiagnosisCase, outcomes: readonly Outcome[]) => void;
}

/** Servers of a process each; more of them cost more to start than they relieve each other. */
const rigs = 3;

/**
 * Every case, several at a time; within a case one after the other, as a user would. All of them are up
 * before the first is diagnosed: starting programs costs time that the diagnosed streams would show.
 */
export async function diagnoseAll(
  cases: readonly DiagnosisCase[],
  { repeat, seed, concurrency, again = 0, onCase }: Plan,
): Promise<Map<DiagnosisCase, Outcome[]>> {
  const servers = Array.from({ length: rigs }, (_, index) => new Rig(seed * rigs + index));
  const opened = new Map<DiagnosisCase, OpenCase>();
  const results = new Map<DiagnosisCase, Outcome[]>();
  try {
    await atATime(4, 0, cases, async (one, index) => {
      opened.set(one, await one.open(servers[index % rigs]!));
    });
    await atATime(concurrency, 300, cases, async (one) => {
      const outcomes: Outcome[] = [];
      const tries = (): number =>
        repeat + (outcomes.some(({ wrong }) => wrong.length > 0) ? again : 0);
      while (outcomes.length < tries()) {
        outcomes.push(await once(one, opened.get(one)!, seed * 100 + outcomes.length + 1));
      }
      results.set(one, outcomes);
      onCase?.(one, outcomes);
    });
  } finally {
    await Promise.all([...opened.values()].map((open) => open.close()));
    await Promise.all(servers.map((rig) => rig.close()));
  }
  return results;
}

async function atATime(
  concurrency: number,
  apartMs: number,
  cases: readonly DiagnosisCase[],
  what: (one: DiagnosisCase, index: number) => Promise<void>,
): Promise<void> {
  let next = 0;
  const worker = async (_: unknown, number: number): Promise<void> => {
    // Not all in one moment: a client that has not warmed up reads late.
    await new Promise((resolve) => setTimeout(resolve, number * apartMs));
    while (next < cases.length) {
      const index = next++;
      await what(cases[index]!, index);
    }
  };
  await Promise.all(Array.from({ length: concurrency }).map(worker));
}
