/**
 * Gates as users write them.
 *
 *     gate       = operand , ( absolute | relative ) ;
 *     absolute   = comparator , ( value | operand ) ;
 *     relative   = "vs" , arm , comparator , change ;
 *     operand    = [ arm , "." ] , metric , [ "." , statistic ] ;
 *     arm        = name | '"' , any text without '"' , '"' ;
 *     name       = ( letter | digit | "_" | "-" ) , { letter | digit | "_" | "-" } ;
 *     metric     = a name in the metric catalogue, or a landmark of the arms' dialects ;
 *     statistic  = "p" , number | "mean" | "min" | "max" ;
 *     comparator = "<" | "<=" | ">" | ">=" ;
 *     value      = number , [ unit ] ;           (ms, s, %, /s … as the metric asks)
 *     change     = [ "+" | "-" ] , number , "%" ;
 *
 *     ttft.p95 < 400ms                        every arm
 *     sse.ttft.p95 < 400ms                    one arm, and all of its variants
 *     "sse @ rtt=40ms".e2e.p50 < 2s           one variant
 *     websocket.e2e.p50 < sse.e2e.p50         one arm against another
 *     websocket.e2e.p50 vs sse <= -10%        at least 10 % less than sse's
 *
 * A distribution needs a statistic, a scalar must not have one. An operand without an arm on the
 * right stands for the arm on the left.
 */
import type { MetricUnit } from '../metric/definition.ts';
import type { LandmarkDefinition } from '../metric/landmark.ts';
import { findMetric, metricNames, unitOf, type KnownMetric } from '../metric/lookup.ts';
import { messageOf } from '../errors.ts';
import { meantHints } from '../settings/did-you-mean.ts';
import {
  parseBytes,
  parseCount,
  parseDuration,
  parsePercent,
  parseRate,
} from '../settings/units.ts';
import type { Comparator, GateExpression, GateOperand, GateStatistic } from './expression.ts';

/** A gate that does not parse; `offset` and `length` mark the part in the text, in characters. */
export class GateSyntaxError extends Error {
  readonly offset: number;
  readonly length: number;
  readonly hints: readonly string[];
  /** A name in it is like no metric: a landmark that is not declared here looks the same. */
  readonly unknownMetric: boolean;

  constructor(
    message: string,
    offset: number,
    length: number,
    hints: readonly string[] = [],
    unknownMetric = false,
  ) {
    super(message);
    this.unknownMetric = unknownMetric;
    this.name = 'GateSyntaxError';
    this.offset = offset;
    this.length = Math.max(1, length);
    this.hints = hints;
  }
}

interface Piece {
  text: string;
  offset: number;
}

const examples = 'for example: ttft.p95 < 400ms, errors < 1%, websocket.e2e.p50 vs sse <= +0%';
const statisticForms = 'p50, p95, p99.9, mean, min or max';

/**
 * @param landmarks - of the dialects of the arms that the gate is for.
 * @throws GateSyntaxError that says which side is wrong, and where.
 */
export function parseGate(text: string, landmarks: Landmarks = []): GateExpression {
  const comparators = [...text.matchAll(/"[^"]*"|[<>]=?|==?|!=/g)].filter(
    ([match]) => !match.startsWith('"'),
  );
  const [found] = comparators;
  if (!found) {
    throw new GateSyntaxError('a gate needs a comparison: <, <=, > or >=', 0, text.length, [
      examples,
    ]);
  }
  const comparator = found[0];
  const at = found.index;
  if (comparators.length > 1) {
    const second = comparators[1]!;
    throw new GateSyntaxError('a gate has one comparison', second.index, second[0].length, [
      'write two gates',
    ]);
  }
  if (!isComparator(comparator)) {
    throw new GateSyntaxError(
      `"${comparator}" is not a comparison that measurements allow`,
      at,
      comparator.length,
      ['use <, <=, > or >='],
    );
  }
  const leftSide = trimmed(text, 0, at);
  const rightSide = trimmed(text, at + comparator.length, text.length);
  if (leftSide.text === '') {
    throw new GateSyntaxError(`nothing stands left of ${comparator}`, at, comparator.length, [
      examples,
    ]);
  }
  if (rightSide.text === '') {
    throw new GateSyntaxError(`nothing stands right of ${comparator}`, at, comparator.length, [
      examples,
    ]);
  }
  const relative = /^(?:"[^"]*"|[^"])*?\s+(vs)\s+/.exec(leftSide.text);
  if (relative) {
    const vsEnd = relative[0].length;
    const operandText = leftSide.text.slice(0, relative[0].lastIndexOf('vs'));
    const left = parseOperand(trimmedPiece(operandText, leftSide.offset), 'left', landmarks);
    const arm = parseArm(trimmedPiece(leftSide.text.slice(vsEnd), leftSide.offset + vsEnd));
    return {
      text,
      left,
      comparator,
      right: {
        kind: 'operand',
        operand: { ...left, arm },
        factor: 1 + parseChange(rightSide),
      },
    };
  }
  const left = parseOperand(leftSide, 'left', landmarks);
  if (/^[+\-.\d]/.test(rightSide.text)) {
    return { text, left, comparator, right: { kind: 'value', value: parseValue(rightSide, left) } };
  }
  const right = parseOperand(rightSide, 'right', landmarks);
  const units = [unitOf(left.metric), unitOf(right.metric)];
  if (units[0] !== units[1]) {
    throw new GateSyntaxError(
      `the sides cannot be compared: ${left.metric} is in ${unitWords[units[0]!]}, ${right.metric} in ${unitWords[units[1]!]}`,
      rightSide.offset,
      rightSide.text.length,
    );
  }
  return {
    text,
    left,
    comparator,
    right: { kind: 'operand', operand: { ...right, arm: right.arm ?? left.arm }, factor: 1 },
  };
}

function isComparator(text: string): text is Comparator {
  return text === '<' || text === '<=' || text === '>' || text === '>=';
}

function trimmed(text: string, from: number, to: number): Piece {
  return trimmedPiece(text.slice(from, to), from);
}

function trimmedPiece(text: string, offset: number): Piece {
  const start = text.length - text.trimStart().length;
  return { text: text.trim(), offset: offset + start };
}

function parseArm(piece: Piece): string {
  const quoted = /^"([^"]+)"$/.exec(piece.text);
  if (quoted) return quoted[1]!;
  if (/^[\w-]+$/.test(piece.text)) return piece.text;
  throw new GateSyntaxError(
    piece.text === '' ? 'no arm stands after "vs"' : `"${piece.text}" is not the name of an arm`,
    piece.offset,
    piece.text.length,
    ['put a name with spaces, dots or @ in double quotes: "sse @ rtt=40ms"'],
  );
}

/**
 * `metric` or `metric.statistic` alone, as in a gate but for no arm: what a heat map shows.
 *
 * @param landmarks - of the dialects of the arms.
 * @throws GateSyntaxError that says which part is wrong.
 */
export function parseMeasure(text: string, landmarks: Landmarks = []): GateOperand {
  const piece = trimmedPiece(text, 0);
  const operand = parseOperand(piece, 'left', landmarks);
  if (operand.arm === undefined) return operand;
  throw new GateSyntaxError(`"${operand.arm}" names an arm; here it is every arm`, 0, text.length, [
    'write metric.statistic, for example ttft.p95',
  ]);
}

type Side = 'left' | 'right';
type Landmarks = readonly LandmarkDefinition[];

function parseOperand(piece: Piece, side: Side, landmarks: Landmarks): GateOperand {
  const isMetric = (name: string): boolean => findMetric(name, landmarks) !== undefined;
  let rest = piece.text;
  let { offset } = piece;
  let arm: string | undefined;
  const quoted = /^"([^"]*)"\s*\.?/.exec(rest);
  if (quoted) {
    arm = quoted[1]!;
    rest = rest.slice(quoted[0].length);
    offset += quoted[0].length;
  }
  const parts = rest.split('.');
  // `p99.9` itself contains a dot.
  const last = parts.at(-1)!;
  if (parts.length > 1 && /^\d+$/.test(last) && /^p\d+$/.test(parts.at(-2)!)) {
    parts.splice(-2, 2, `${parts.at(-2)!}.${last}`);
  }
  if (arm === undefined && (parts.length === 3 || (parts.length === 2 && !isMetric(parts[0]!)))) {
    // `arm.metric` of a scalar, `arm.metric.statistic`, or a mistyped metric before a statistic.
    if (parts.length === 3 || !isStatistic(parts[1]!)) {
      arm = parts.shift()!;
      offset += arm.length + 1;
    }
  }
  const [name = '', statisticText, ...more] = parts;
  const metric = findMetric(name, landmarks);
  if (more.length > 0) throw tooManyDots({ text: rest, offset }, side);
  if (!metric) throw unknownMetric(name, offset, side, landmarks);
  const statisticAt = offset + name.length + 1;
  const statistic = parseStatistic(metric, statisticText, side, {
    text: statisticText ?? name,
    offset: statisticText === undefined ? offset : statisticAt,
  });
  return { arm, metric: metric.name, statistic };
}

function tooManyDots({ text, offset }: Piece, side: Side): GateSyntaxError {
  return new GateSyntaxError(`the ${side} side "${text}" has too many dots`, offset, text.length, [
    'write arm.metric.statistic; put an arm whose name holds a dot in double quotes',
  ]);
}

function unknownMetric(
  name: string,
  offset: number,
  side: Side,
  landmarks: Landmarks,
): GateSyntaxError {
  const names = metricNames(landmarks);
  const hints = meantHints(name, names);
  return new GateSyntaxError(
    name === ''
      ? `the ${side} side lacks a metric`
      : `unknown metric "${name}" on the ${side} side`,
    offset,
    name.length,
    hints.length > 0 ? hints : [`metrics: ${names.join(', ')}`],
    name !== '' && hints.length === 0,
  );
}

const isStatistic = (text: string): boolean => /^(p\d+(\.\d+)?|mean|min|max)$/.test(text);

function parseStatistic(
  metric: KnownMetric,
  text: string | undefined,
  side: Side,
  piece: Piece,
): GateStatistic | undefined {
  const fail = (message: string, hint: string): GateSyntaxError =>
    new GateSyntaxError(message, piece.offset, piece.text.length, [hint]);
  if (metric.kind === 'scalar') {
    if (text === undefined) return undefined;
    throw fail(
      `${metric.name} on the ${side} side is one number and has no "${text}"`,
      `write ${metric.name} alone`,
    );
  }
  if (text === undefined) {
    throw fail(
      `${metric.name} on the ${side} side has many values; say which`,
      `for example ${metric.name}.p95 (${statisticForms})`,
    );
  }
  if (text === 'mean' || text === 'min' || text === 'max') return { kind: text };
  const percent = /^p(\d+(?:\.\d+)?)$/.exec(text);
  if (!percent)
    throw fail(`unknown statistic "${text}" on the ${side} side`, `use ${statisticForms}`);
  const value = Number(percent[1]);
  if (value <= 0 || value > 100) {
    throw fail(`${text} is not a percentile`, 'a percentile lies above 0 and at most at 100');
  }
  return { kind: 'percentile', percent: value };
}

const unitWords: Record<MetricUnit, string> = {
  ms: 'time (400ms, 2s)',
  ratio: 'percent (1%)',
  per_second: 'a rate (5/s)',
  per_minute: 'a rate (2/min)',
  count: 'plain numbers (1.5)',
  bytes: 'bytes (64KB)',
  money: 'plain numbers, in the currency of price (1.5)',
};

function parseValue(piece: Piece, left: GateOperand): number {
  const unit = unitOf(left.metric);
  try {
    switch (unit) {
      case 'ms':
        return parseDuration(piece.text);
      case 'per_second':
        return parseRate(piece.text);
      case 'per_minute':
        return parseRate(piece.text) * 60;
      case 'bytes':
        return parseBytes(piece.text);
      case 'count':
      case 'money':
        return parseCount(piece.text);
      case 'ratio':
        // Real time is a factor: people write 1 or 1.5 as naturally as 150%.
        if (left.metric === 'audio_real_time_factor' && /^[\d.]+$/.test(piece.text)) {
          return parseCount(piece.text);
        }
        return parsePercent(piece.text);
    }
  } catch (error) {
    throw new GateSyntaxError(`right side: ${messageOf(error)}`, piece.offset, piece.text.length, [
      `${left.metric} is measured in ${unitWords[unit]}`,
    ]);
  }
}

function parseChange(piece: Piece): number {
  try {
    const change = parsePercent(piece.text);
    if (change > -1) return change;
    throw new Error(`${piece.text} would leave nothing`);
  } catch (error) {
    throw new GateSyntaxError(`right side: ${messageOf(error)}`, piece.offset, piece.text.length, [
      'after "vs" stands a change in percent: +0%, +5%, -10%',
    ]);
  }
}
