/**
 * The cases that diagnosis is tried on do what they are said to do, as seen by a client that shares no
 * code with it. Where this fails, the case is at fault and not the diagnosis.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { whyMissing } from '../../src/proxy/real/registry.ts';
import { diagnosisCases } from '../helpers/diagnosis/cases.ts';
import type { DiagnosisCase, OpenCase } from '../helpers/diagnosis/case.ts';
import { burstsOf, look, type Look } from '../helpers/diagnosis/raw-look.ts';
import { Rig } from '../helpers/diagnosis/rig.ts';
import { measured } from '../helpers/measured.ts';

type Looks = { through: Look; direct: Look | undefined };
const looks = new Map<DiagnosisCase, Looks>();
const runnable = diagnosisCases.filter(({ needs }) => !needs || !whyMissing(needs));

/** A cached answer is there immediately the second time; this looks at the first. */
async function lookAt(one: DiagnosisCase, rig: Rig): Promise<Looks> {
  const open: OpenCase = await one.open(rig);
  try {
    const [through, direct] = await Promise.all([
      look(open.url, open, { gzip: true, http2: open.ca !== undefined }),
      open.directUrl === undefined
        ? undefined
        : look(open.directUrl, { speaks: open.speaks, ca: undefined }),
    ]);
    return { through, direct };
  } finally {
    await open.close();
  }
}

beforeAll(async () => {
  const rig = new Rig();
  const queue = [...runnable];
  const worker = async (): Promise<void> => {
    for (let one = queue.shift(); one; one = queue.shift()) looks.set(one, await lookAt(one, rig));
  };
  await Promise.all(Array.from({ length: 6 }, worker));
  await rig.close();
});
afterAll(() => looks.clear());

/** Alone, with servers that did nothing before. */
async function lookAgain(one: DiagnosisCase): Promise<Looks> {
  const rig = new Rig();
  try {
    return await lookAt(one, rig);
  } finally {
    await rig.close();
  }
}

const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;

function within(what: string, value: number, [from, to]: readonly [number, number]): void {
  expect(value, what).toBeGreaterThanOrEqual(from);
  expect(value, what).toBeLessThanOrEqual(to);
}

const eventsOf = ({ reads }: Look): number => reads.reduce((sum, { events }) => sum + events, 0);
const firstEventAt = ({ reads }: Look): number => reads.find(({ events }) => events > 0)!.atMs;
/** Share of the events that came in the last 100 ms. */
const lateShare = (seen: Look): number =>
  seen.reads
    .filter(({ atMs }) => atMs > seen.endMs - 100)
    .reduce((sum, { events }) => sum + events, 0) / eventsOf(seen);

function check({ expected }: DiagnosisCase, through: Look, direct: Look | undefined): void {
  const bursts = burstsOf(through);
  const inner = bursts.slice(1, -1);
  const gaps = bursts.slice(1).map(({ atMs }, i) => atMs - bursts[i]!.atMs);
  switch (expected.kinds[0]) {
    case 'streams':
    case 'packet_loss':
      expect(through.complete).toBe(true);
      // Bytes that come in many reads, the first events early, were not collected.
      expect(through.reads.length / eventsOf(through)).toBeGreaterThan(0.25);
      expect(firstEventAt(through)).toBeLessThan(through.endMs / 2);
      expect(lateShare(through)).toBeLessThan(0.5);
      break;
    case 'buffered_by_size':
      if (inner.length === 0) expect(lateShare(through)).toBe(1);
      else
        within(
          'bytes of a burst',
          Math.max(...inner.map(({ bytes }) => bytes)),
          expected.sizeBytes ?? [2000, 9000],
        );
      break;
    case 'buffered_by_time':
    case 'paced_by_round_trip':
      within('period', median(gaps), expected.periodMs!);
      expect(eventsOf(through) / bursts.length).toBeGreaterThan(1.5);
      break;
    case 'compressed_without_flush':
      expect(through.headers['content-encoding']).toBe('gzip');
      expect(lateShare(through)).toBeGreaterThan(0.95);
      break;
    case 'stored_and_forwarded':
      expect(lateShare(through)).toBeGreaterThan(0.95);
      break;
    case 'headers_withheld':
      expect(through.headMs).toBeGreaterThan(direct!.headMs + 400);
      expect(lateShare(through)).toBeLessThan(0.5);
      break;
    case 'one_event_late':
      expect(firstEventAt(through)).toBeGreaterThan(firstEventAt(direct!) + 8);
      expect(lateShare(through)).toBeLessThan(0.5);
      break;
    case 'cut_when_idle':
    case 'cut_at_total': {
      expect(through.complete).toBe(false);
      const since = expected.kinds[0] === 'cut_at_total' ? 0 : through.reads.at(-1)!.atMs;
      within('limit', through.endMs - since, expected.limitMs!);
      expect(direct?.complete).toBe(true);
      break;
    }
    case 'cannot_tell':
      throw new Error('no case is meant to be unanswerable');
  }
}

describe.each(diagnosisCases)('$group, $name', (one) => {
  const missing = one.needs && whyMissing(one.needs);
  it.skipIf(missing)(
    `is ${one.expected.kinds[0]}${missing ? ` (skipped: ${missing})` : ''}`,
    async ({ task }) => {
      const { through, direct } = await measured(task, looks.get(one)!, () => lookAgain(one));
      check(one, through, direct);
    },
  );
});
