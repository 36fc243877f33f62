/** Landmarks as metrics: found by name, checked where they enter, united over dialects. */
import { describe, expect, it } from 'vitest';
import { metrics } from '../../../src/metric/catalogue.ts';
import { landmarkProblems } from '../../../src/metric/check-landmarks.ts';
import { MetricHistogram } from '../../../src/metric/histogram.ts';
import {
  unitedLandmarks,
  type LandmarkDefinition,
  type LandmarkName,
} from '../../../src/metric/landmark.ts';
import { findMetric, metricNames, metricOf, unitOf } from '../../../src/metric/lookup.ts';

const finding: LandmarkDefinition = {
  name: 'first_finding',
  title: 'First finding',
  meaning: 'A reader can see what was found first.',
  to: 'first event of type finding',
};
const named = (name: string): LandmarkDefinition => ({ ...finding, name });

describe('one look-up for both kinds', () => {
  it('finds metrics of the catalogue, and landmarks that are handed in', () => {
    expect(findMetric('ttft')?.title).toBe('Time to first token');
    expect(findMetric('first_finding')).toBeUndefined();
    expect(metricOf('first_finding' as LandmarkName, [finding])).toEqual({
      name: 'first_finding',
      title: 'First finding',
      unit: 'ms',
      better: 'lower',
      per: 'turn',
      kind: 'distribution',
      formula: 'request written → first event of type finding',
      source: 'client, as the dialect reads the stream',
    });
  });

  it('throws for a name that has no definition', () => {
    expect(() => metricOf('first_finding' as LandmarkName)).toThrow(RangeError);
  });

  it('knows the unit of any, and names all', () => {
    expect(unitOf('errors')).toBe('ratio');
    expect(unitOf('first_finding' as LandmarkName)).toBe('ms');
    expect(metricNames([finding])).toEqual([...metrics.map(({ name }) => name), 'first_finding']);
  });

  it('keeps times of landmarks to the microsecond', () => {
    const histogram = new MetricHistogram('first_finding' as LandmarkName);
    histogram.record(0.123);
    expect(histogram.percentile(50)).toBeCloseTo(0.123, 3);
  });
});

describe('landmarks of a dialect', () => {
  it('pass as they should be', () => {
    expect(landmarkProblems([finding, named('b2_c3')])).toEqual([]);
    const most = Array.from({ length: 32 }, (_, index) => named(`mark_${index}`));
    expect(landmarkProblems(most)).toEqual([]);
    expect(landmarkProblems([named('a'.repeat(64))])).toEqual([]);
  });

  it.each([
    ['', 'is not a name of a landmark'],
    ['First', 'is not a name of a landmark'],
    ['1st', 'is not a name of a landmark'],
    ['first-finding', 'is not a name of a landmark'],
    ['first finding', 'is not a name of a landmark'],
    ['a__b', 'is not a name of a landmark'],
    ['a_', 'is not a name of a landmark'],
    ['a.p95', 'is not a name of a landmark'],
    ['constructor', 'is not a name of a landmark'],
    ['a\n', 'is not a name of a landmark'],
    ['ttft', 'is a metric of the catalogue'],
    ['errors', 'is a metric of the catalogue'],
    ['a'.repeat(65), 'is longer than 64'],
  ])('are refused with the name %j', (name, problem) => {
    expect(landmarkProblems([named(name)]).join('\n')).toContain(problem);
  });

  it.each([
    [
      'too many',
      Array.from({ length: 33 }, (_, index) => named(`mark_${index}`)),
      'more than the 32',
    ],
    ['one name twice', [finding, finding], 'stands twice'],
    ['no title', [{ ...finding, title: ' ' }], 'has no title'],
    ['no meaning', [{ ...finding, meaning: '' }], 'has no meaning'],
    ['no moment', [{ ...finding, to: '' }], 'has no moment'],
    ['a long title', [{ ...finding, title: 'x'.repeat(81) }], 'longer than 80'],
    ['a long meaning', [{ ...finding, meaning: 'x'.repeat(401) }], 'longer than 400'],
  ])('are refused with %s', (_, landmarks, problem) => {
    expect(landmarkProblems(landmarks).join('\n')).toContain(problem);
  });
});

describe('landmarks of several dialects', () => {
  it('stand once, in order of appearance', () => {
    const { landmarks, conflicts } = unitedLandmarks([[named('a'), finding], [{ ...finding }], []]);
    expect(landmarks.map(({ name }) => name)).toEqual(['a', 'first_finding']);
    expect(conflicts).toEqual([]);
  });

  it.each(['title', 'meaning', 'to'])('of one name must have one %s', (member) => {
    const sets = [[finding], [{ ...finding, [member]: 'something else' }]];
    expect(unitedLandmarks(sets)).toEqual({ landmarks: [finding], conflicts: ['first_finding'] });
  });
});
