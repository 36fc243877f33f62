/** Sample streams, one row each: connecting, waiting, and every token where it arrived. */
import { formatDuration } from '../../../../format/duration.ts';
import { missing } from '../../../../format/number.ts';
import { isSuccess, type Outcome } from '../../../../metric/outcome.ts';
import type { StreamSample } from '../../../../result/schema.ts';
import type { ArmView, ReportModel } from '../../../view/report-model.ts';
import type { ChartDefinition } from '../chart.ts';
import { timeAxisFormat } from '../drawing/axis-format.ts';
import type { Figure } from '../drawing/figure.ts';
import { spanScale, type Scale } from '../drawing/scale.ts';
import {
  at,
  chartWidth,
  elements,
  fitted,
  marker,
  pathData,
  svg,
  text,
  xAxis,
} from '../drawing/svg.ts';
import { escapeHtml } from '../escape.ts';

const rowHeight = 22;
const barHeight = 14;

/** Heights differ too, so that kinds are told apart without colour. */
const kinds = {
  c: { name: 'content', className: 'kind-c', from: 0, to: 1 },
  r: { name: 'reasoning', className: 'kind-r', from: 0.45, to: 1 },
  t: { name: 'tool arguments', className: 'kind-t', from: 0, to: 0.55 },
  a: { name: 'audio', className: 'kind-a', from: 0.2, to: 0.8 },
} as const;
type Kind = keyof typeof kinds;

function isKind(letter: string): letter is Kind {
  return letter in kinds;
}

/** End of a row, ms after the session asked for its connection. */
function lengthOf(sample: StreamSample): number {
  return sample.ended_at - sample.started_at;
}

/** Ticks that fall on the same tenth of a unit are drawn once: they cannot be told apart. */
function tokenTicks(sample: StreamSample, x: Scale, top: number): string[] {
  const written = (sample.written_at ?? sample.started_at) - sample.started_at;
  const paths = new Map<Kind, Set<string>>();
  for (const [index, offset] of sample.arrivals.entries()) {
    const letter = sample.kinds[index] ?? 'c';
    const kind = isKind(letter) ? letter : 'c';
    let drawn = paths.get(kind);
    if (!drawn) paths.set(kind, (drawn = new Set()));
    drawn.add(at(x(written + offset)));
  }
  return [...paths].map(([kind, places]) => {
    const { className, from, to } = kinds[kind];
    const length = at((to - from) * barHeight);
    const y = at(top + from * barHeight);
    const path = pathData([...places].map((place) => `M${place} ${y}v${length}`));
    return `<path class="tick ${className}" d="${path}"/>`;
  });
}

function longestGap(sample: StreamSample): number {
  let longest = 0;
  for (let index = 1; index < sample.arrivals.length; index++) {
    longest = Math.max(longest, sample.arrivals[index]! - sample.arrivals[index - 1]!);
  }
  return longest;
}

function drawRow(sample: StreamSample, x: Scale, top: number): string {
  const from = x(0);
  const connected =
    sample.connected_at === null ? null : x(sample.connected_at - sample.started_at);
  const first =
    sample.first_token_at === null ? null : x(sample.first_token_at - sample.started_at);
  const end = x(lengthOf(sample));
  const box = (className: string, left: number, right: number, inset = 0): string =>
    right - left < 0.05
      ? ''
      : `<rect class="${className}" x="${at(left)}" y="${at(top + inset)}" width="${at(Math.max(0.8, right - left))}" height="${at(barHeight - 2 * inset)}"/>`;
  const wait = connected ?? from;
  const failed = !isSuccess(sample.outcome as Outcome);
  const flip = end > chartWidth - 120;
  const note = failed
    ? text(end + (flip ? -4 : 8), top + barHeight - 3, `✗ ${sample.outcome}`, {
        anchor: flip ? 'end' : 'start',
        class: 'failed halo',
      })
    : '';
  const about = `${sample.stream}: ${sample.outcome}, ${sample.token_events} token events, ${formatDuration(lengthOf(sample))}`;
  return elements(
    `<g><title>${escapeHtml(about)}</title>`,
    connected === null ? '' : box('connecting', from, connected, 2),
    box('waiting', wait, first ?? end, 5),
    first === null ? '' : box('streaming', first, end),
    tokenTicks(sample, x, top),
    failed ? `<path class="end-failed" d="M${at(end)} ${at(top - 2)}v${barHeight + 4}"/>` : '',
    note,
    '</g>',
  );
}

function armPicture(arm: ArmView, longest: number): string {
  const top = 30;
  const height = top + arm.samples.length * rowHeight + 46;
  const plot = { left: 14, right: chartWidth - 18, top, bottom: height - 44 };
  const x = spanScale(0, longest, plot.left, plot.right);
  const axis = timeAxisFormat(longest);
  const id = `waterfall-${arm.index}`;
  const title = `Sample streams of ${arm.name}`;
  const of =
    arm.sampleCount > arm.samples.length
      ? ` (${arm.samples.length} of ${arm.sampleCount} kept)`
      : '';
  const body = elements(
    xAxis(
      plot,
      x,
      x.ticks.map((tick) => ({ value: tick, label: axis.format(tick) })),
      `${axis.unit} since the turn began`,
    ),
    marker(arm.mark, plot.left + 6, 12, 4),
    text(plot.left + 16, 16, fitted(arm.name, chartWidth - 160) + of, { class: 'strong' }),
    arm.samples.map((sample, row) => drawRow(sample, x, top + row * rowHeight + 4)),
  );
  const description = arm.samples
    .map((sample) => `${sample.outcome} after ${formatDuration(lengthOf(sample))}`)
    .join('; ');
  return svg({ id, title, description, height, body });
}

function ago(moment: number | null, from: number): string {
  return moment === null ? missing : formatDuration(moment - from);
}

/** The waterfalls of all arms on one scale; none where the result holds no samples. */
function draw(model: ReportModel): Figure[] {
  const arms = model.arms.filter((arm) => arm.samples.length > 0);
  if (arms.length === 0) return [];
  const longest = Math.max(1, ...arms.flatMap((arm) => arm.samples.map(lengthOf)));
  const used = arms.flatMap((arm) => arm.samples.map((sample) => sample.kinds)).join('');
  const icon = (inner: string): string =>
    `<svg class="icon wide" viewBox="0 0 24 14" aria-hidden="true">${inner}</svg>`;
  const legend = [
    {
      icon: icon('<rect class="connecting" x="0" y="2" width="24" height="10"/>'),
      label: 'connecting',
    },
    {
      icon: icon('<rect class="waiting" x="0" y="5" width="24" height="4"/>'),
      label: 'waiting for the first token',
    },
    ...(Object.keys(kinds) as Kind[])
      .filter((kind) => used.includes(kind))
      .map((kind) => {
        const { name, className, from, to } = kinds[kind];
        const ticks = [4, 9, 14, 19]
          .map((place) => `M${place} ${at(from * 14)}v${at((to - from) * 14)}`)
          .join('');
        return { icon: icon(`<path class="tick ${className}" d="${ticks}"/>`), label: name };
      }),
  ];
  return [
    {
      id: 'waterfall',
      title: 'Every token of some streams',
      legend,
      pictures: [
        `<div class="pictures">\n${arms.map((arm) => armPicture(arm, longest)).join('\n')}\n</div>`,
      ],
      howToRead:
        'Each row is one turn, each tick one token event where its bytes were read: even ticks are a smooth stream, clumps are buffering, holes are stalls. Failed and slowest turns are always among the rows.',
      table: {
        headings: [
          'stream',
          'outcome',
          'connect',
          'first token',
          'longest gap',
          'total',
          'token events',
          'reads',
        ],
        rows: arms.flatMap((arm) =>
          arm.samples.map((sample) => [
            sample.stream,
            sample.outcome,
            ago(sample.connected_at, sample.started_at),
            ago(sample.first_token_at, sample.written_at ?? sample.started_at),
            formatDuration(longestGap(sample)),
            formatDuration(lengthOf(sample)),
            String(sample.token_events),
            String(sample.reads),
          ]),
        ),
        numbersFrom: 2,
      },
    },
  ];
}

export const waterfallChart: ChartDefinition = {
  id: 'waterfall',
  section: 'waterfalls',
  order: 10,
  style: {
    light: '--kc: #0b6bcb; --kr: #8e44b5; --kt: #cf5208; --ka: #0b8a68;',
    dark: '--kc: #5aa9f7; --kr: #c79bea; --kt: #ff9955; --ka: #3ecf9f;',
    rules: `.pictures{display:grid;gap:8px 28px;grid-template-columns:repeat(auto-fit,minmax(min(100%,480px),1fr));align-items:start;margin-top:8px}
.connecting{fill:var(--caution);opacity:.75}
.waiting{fill:var(--line)}
.streaming{fill:var(--faint)}
.tick{fill:none;stroke-width:1.5}
.kind-c{stroke:var(--kc)} .kind-r{stroke:var(--kr)} .kind-t{stroke:var(--kt)} .kind-a{stroke:var(--ka)}
.end-failed{stroke:var(--bad);stroke-width:2.5;fill:none}`,
  },
  draw,
};
