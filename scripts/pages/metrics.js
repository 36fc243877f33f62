// @ts-check
import { banner, code, table } from './markdown.js';

const unitNames = {
  ms: 'ms',
  count: 'count',
  ratio: 'ratio',
  per_second: 'per second',
  per_minute: 'per minute',
  bytes: 'bytes',
  money: 'currency',
};
const directions = { lower: 'lower is better', higher: 'higher is better', none: 'neither' };

/** @typedef {import('../../src/metric/outcome.ts').Outcome} Outcome */
/** @typedef {Readonly<Record<Outcome, string>>} OutcomeTable */
/** @typedef {(outcome: Outcome) => boolean} IsSuccess */
/** @typedef {Pick<import('./scenario.js').DialectReference, 'name' | 'landmarks'>} DialectLandmarks */

/** @param {DialectLandmarks} dialect */
function landmarkTable({ name, landmarks }) {
  return `### ${code(name)}

${table(
  ['name', 'title', 'definition', 'what it says'],
  landmarks.map((landmark) => [
    code(landmark.name),
    landmark.title,
    `request written → ${landmark.to}`,
    landmark.meaning,
  ]),
)}`;
}

/**
 * The metrics reference.
 *
 * @param {readonly import('../../src/metric/definition.ts').MetricDefinition[]} metrics
 * @param {OutcomeTable} outcomes
 * @param {IsSuccess} isSuccess
 * @param {readonly DialectLandmarks[]} dialects
 */
export function metricsPage(metrics, outcomes, isSuccess, dialects) {
  const rows = (/** @type {'distribution' | 'scalar'} */ kind) =>
    metrics
      .filter((metric) => metric.kind === kind)
      .map((metric) => [
        code(metric.name),
        metric.title,
        unitNames[metric.unit],
        metric.per,
        directions[metric.better],
        metric.formula,
        metric.source,
      ]);
  const head = ['name', 'title', 'unit', 'per', 'direction', 'definition', 'source'];
  return `${banner('src/metric/ and the landmarks of src/dialect/')}
# Metrics

Every metric is defined once, in the code that this page comes from. Reports, gates and the columns
of the CSV use the same names.

- *Request written*: the last byte of the turn's request was handed to the kernel.
- *Event*: an SSE event or a WebSocket message that belongs to the stream. Pings and comments do not.
- *Token event*: an event with generated output in it that is not empty.
- *Arrival* of an event: the read from the socket that completed it, before anything was parsed.

A turn is one request and its answer; a session is one run through the scenario's \`session\` steps.

## Distributions

Kept in HDR histograms with three significant digits, from 1 µs up. A gate names one with a
statistic: \`ttft.p95\`, \`itl.p99.9\`, \`e2e.mean\`, \`longest_stall.max\`.

${table(head, rows('distribution'))}
## Scalars

One number for each arm and trial. A gate names them alone: \`errors < 1%\`, \`goodput > 20/s\`.

${table(head, rows('scalar'))}
## Landmarks

Named moments of a turn that an API has beyond its first token. Each is a distribution as those above: in
ms, one sample for each turn that reached it, whatever its outcome; lower is better. A gate names it in the
same way, \`arguments_complete.p95 < 800ms\`, where the dialect of an arm reports it. A developer who adds a dialect
names its landmarks there; a result file brings their definitions along.

${dialects
  .filter(({ landmarks }) => landmarks.length > 0)
  .map(landmarkTable)
  .join('\n')}
## Outcomes

A turn ends in exactly one of these. \`started\` is the sum of them, and \`scheduled\` is started plus
dropped; a run in which this does not hold is invalid.

${table(
  ['outcome', 'meaning', 'counts as'],
  Object.entries(outcomes).map(([name, meaning]) => [
    code(name),
    meaning,
    isSuccess(/** @type {Outcome} */ (name)) ? 'success' : 'error',
  ]),
)}`;
}
