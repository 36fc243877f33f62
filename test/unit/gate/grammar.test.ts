import { describe, expect, it } from 'vitest';
import { GateSyntaxError, parseGate } from '../../../src/gate/grammar.ts';

const p = (percent: number) => ({ kind: 'percentile', percent });

describe('parseGate', () => {
  it.each([
    ['ttft.p95 < 400ms', { arm: undefined, metric: 'ttft', statistic: p(95) }, '<', 400],
    ['ttft.p99.9 <= 1.5s', { arm: undefined, metric: 'ttft', statistic: p(99.9) }, '<=', 1500],
    ['errors < 1%', { arm: undefined, metric: 'errors', statistic: undefined }, '<', 0.01],
    ['goodput >= 5/s', { arm: undefined, metric: 'goodput', statistic: undefined }, '>=', 5],
    ['stalls < 2/min', { arm: undefined, metric: 'stalls', statistic: undefined }, '<', 2],
    ['sse.errors<1%', { arm: 'sse', metric: 'errors', statistic: undefined }, '<', 0.01],
    [
      'tokens_per_event.mean <= 1.5',
      { arm: undefined, metric: 'tokens_per_event', statistic: { kind: 'mean' } },
      '<=',
      1.5,
    ],
    [
      '"sse @ rtt=40ms".e2e.max > 2s',
      { arm: 'sse @ rtt=40ms', metric: 'e2e', statistic: { kind: 'max' } },
      '>',
      2000,
    ],
    [
      'audio_real_time_factor.p5 > 1',
      { arm: undefined, metric: 'audio_real_time_factor', statistic: p(5) },
      '>',
      1,
    ],
  ])('%s', (text, left, comparator, value) => {
    expect(parseGate(text)).toEqual({ text, left, comparator, right: { kind: 'value', value } });
  });

  it('compares arms', () => {
    expect(parseGate('websocket.e2e.p50 < sse.e2e.p50')).toMatchObject({
      left: { arm: 'websocket' },
      right: { kind: 'operand', operand: { arm: 'sse', metric: 'e2e' }, factor: 1 },
    });
  });

  it.each([
    ['websocket.e2e.p50 vs sse <= +0%', 1],
    ['websocket.e2e.p50 vs sse <= -10%', 0.9],
    ['e2e.p50 vs "sse @ rtt=40ms" <= 5%', 1.05],
  ])('%s is a factor of %d', (text, factor) => {
    const { right, left } = parseGate(text);
    expect(right).toMatchObject({ kind: 'operand', operand: { metric: 'e2e' } });
    expect(right.kind === 'operand' && right.factor).toBeCloseTo(factor, 12);
    expect(left.metric).toBe('e2e');
  });

  it('keeps quoted arms whole, whatever is in them', () => {
    expect(parseGate('"a < b vs c".errors < "x.y".errors')).toMatchObject({
      left: { arm: 'a < b vs c' },
      right: { operand: { arm: 'x.y' } },
    });
  });

  it.each([
    ['ttft.p95', 'needs a comparison', 'ttft.p95'],
    ['ttft.p95 < 400', '"400" is not a duration', '400'],
    ['errors < 5ms', 'not a percentage', '5ms'],
    ['goodput > 5', '"5" is not a rate', '5'],
    ['ttft < 400ms', 'many values', 'ttft'],
    ['errors.p95 < 1%', 'one number', 'p95'],
    ['ttft.p95x < 4s', 'unknown statistic "p95x" on the left', 'p95x'],
    ['ttft.p101 < 4s', 'p101 is not a percentile', 'p101'],
    ['tfft.p95 < 4s', 'unknown metric "tfft" on the left', 'tfft'],
    ['sse.e2e.p50 < ws.e2f.p50', 'unknown metric "e2f" on the right', 'e2f'],
    ['a.b.ttft.p95 < 1s', 'too many dots', 'a.b.ttft.p95'],
    ['e2e.p50 < errors', 'cannot be compared', 'errors'],
    ['e2e.p50 = 3s', 'not a comparison', '='],
    ['1s < e2e.p50 < 3s', 'one comparison', '<'],
    ['< 3s', 'nothing stands left', '<'],
    ['e2e.p50 <', 'nothing stands right', '<'],
    ['e2e.p50 vs sse <= 5ms', 'not a percentage', '5ms'],
    ['e2e.p50 vs sse <= -100%', 'would leave nothing', '-100%'],
    ['e2e.p50 vs a.b <= 1%', 'not the name of an arm', 'a.b'],
  ])('refuses %s and marks the part', (text, message, part) => {
    let error: unknown;
    try {
      parseGate(text);
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toBeInstanceOf(GateSyntaxError);
    const { offset, length, message: said } = error as GateSyntaxError;
    expect(said).toContain(message);
    expect(text.slice(offset, offset + length)).toBe(part);
  });

  it('suggests the metric that was meant', () => {
    try {
      parseGate('eror < 1%');
      expect.unreachable();
    } catch (error) {
      expect((error as GateSyntaxError).hints).toEqual(['did you mean "errors"?']);
    }
  });
});
