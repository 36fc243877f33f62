/** The summary that a run ends with on a terminal: verdict first, numbers next, remedies last. */
import { armTables } from '../view/arm-tables/arm-tables.ts';
import type { ArmTable } from '../view/arm-tables/arm-table.ts';
import { formatCount, formatShare } from '../../format/number.ts';
import { formatLong } from '../../format/duration.ts';
import { sparkline } from '../../format/sparkline.ts';
import { signs, styleFor, toned, type Tone } from '../../format/style.ts';
import { displayWidth, pad, printable, truncate, wrap } from '../../format/width.ts';
import { binLogarithmically, finestMs } from '../view/bins.ts';
import { formatMeasured, formatMetric } from '../view/metric-format.ts';
import type { ArmView, GateView, ReportModel } from '../view/report-model.ts';
import type { RenderOptions } from '../renderer.ts';
import { armNames } from '../view/arm-names.ts';
import { featuredModel, featuredNote } from '../view/featured.ts';
import { gatesShown } from '../view/gates-shown.ts';
import { heatMapLines } from './heat-maps.ts';
import { renderTable, tableFits } from '../../format/table.ts';
import { metricTables } from './percentile-tables.ts';
import { hanging, heading, type TerminalPage } from './terminal-page.ts';

function verdict(page: TerminalPage, model: ReportModel): void {
  const { word, tone, partial, sentence, reasons } = model.verdict;
  const label = `${signs[tone]} ${word}${partial ? ' (partial)' : ''}`;
  hanging(page, `${page.style.bold(toned(page.style, tone, label))}  `, label.length + 2, sentence);
  for (const reason of reasons) hanging(page, '  - ', 4, reason);
  const seconds = model.arms[0]?.seconds ?? 0;
  const trials = model.arms[0]?.trials ?? 0;
  const facts = [
    model.title,
    `seed ${model.seed}`,
    `${model.arms.length} arm${model.arms.length === 1 ? '' : 's'}, ${formatLong(seconds * 1000)} measured each${trials > 1 ? ` in ${trials} trials` : ''}`,
  ].join(' · ');
  for (const line of wrap(facts, page.width)) page.lines.push(page.style.dim(line));
}

const gateWords: Record<GateView['verdict'], { tone: Tone; word: string }> = {
  pass: { tone: 'good', word: 'pass' },
  fail: { tone: 'bad', word: 'FAIL' },
  inconclusive: { tone: 'neutral', word: 'open' },
  no_data: { tone: 'neutral', word: 'open' },
};

function gates(page: TerminalPage, model: ReportModel): void {
  if (model.gates.length === 0) return;
  const invalid = model.verdict.word === 'INVALID';
  heading(page, invalid ? 'Gates (none counts: the run is invalid)' : 'Gates');
  for (const gate of gatesShown(model.gates)) {
    const { tone, word } = gateWords[gate.verdict];
    const measured =
      gate.verdict === 'no_data'
        ? 'no data'
        : `${formatMeasured(gate)}, limit ${formatMetric(gate.limit, gate.unit)}`;
    const margin = gate.margin === null ? '' : `, margin ${formatShare(gate.margin)}`;
    const arm = gate.arm === null ? '' : ` [${gate.arm}]`;
    const lead = `${signs[tone]} ${word}  `;
    hanging(
      page,
      invalid ? lead : toned(page.style, tone, lead),
      lead.length,
      `${gate.text}${arm}: ${measured}${margin}`,
    );
  }
}

const shapeWidth = 32;

/** Small histograms, all arms of a metric on one logarithmic axis. */
function shapes(page: TerminalPage, arms: readonly ArmView[]): void {
  for (const metric of ['ttft', 'itl'] as const) {
    const entries = arms.flatMap((arm) => {
      const histogram = arm.histograms.get(metric);
      return histogram ? [{ name: truncate(printable(arm.name), 24), histogram }] : [];
    });
    if (entries.length === 0) continue;
    const low = Math.max(finestMs, Math.min(...entries.map(({ histogram }) => histogram.min)));
    const high = Math.max(low * 1.01, ...entries.map(({ histogram }) => histogram.max));
    const axis = `${formatMetric(low, 'ms')} to ${formatMetric(high, 'ms')}, logarithmic`;
    heading(page, `Distribution of ${metric}: ${axis}`);
    const nameWidth = Math.max(...entries.map(({ name }) => displayWidth(name)));
    const width = Math.max(8, Math.min(shapeWidth, page.width - nameWidth - 4));
    for (const { name, histogram } of entries) {
      const { shares } = binLogarithmically(histogram, low, high, width);
      const line = `  ${pad(name, nameWidth)}  ${sparkline(shares.map((share) => share || null))}`;
      page.lines.push(line.trimEnd());
    }
  }
}

function armTable(page: TerminalPage, table: ArmTable): void {
  heading(page, table.title);
  const columns = table.headings.map((text, index) => ({
    heading: text,
    ...(index > 0 && { align: 'right' as const }),
  }));
  const { width, style } = page;
  if (!tableFits(columns, table.rows, width - 2)) {
    // Long names: a line for each arm, every figure named.
    for (const [name = '', ...values] of table.rows) {
      const figures = values.map((value, index) => `${table.inWords[index]!} ${value}`);
      hanging(page, '  ', 2, `${name}: ${figures.join(' · ')}`);
    }
    return;
  }
  page.lines.push(
    ...renderTable(columns, table.rows, {
      width,
      indent: '  ',
      paintHeading: (text) => style.dim(text),
    }),
  );
}

function featured(page: TerminalPage, model: ReportModel): void {
  const note = featuredNote(model);
  if (note === undefined) return;
  page.lines.push('', ...wrap(note, page.width).map((line) => page.style.dim(line)));
}

function outcomes(page: TerminalPage, model: ReportModel): void {
  heading(page, 'Outcomes of turns');
  const { arms, smooth, left } = outcomesShown(model);
  if (smooth > 0) {
    const line = `${signs.good} ${smooth} arms: nothing but successes`;
    page.lines.push(toned(page.style, 'good', line));
  }
  if (left > 0) page.lines.push(`${signs.caution} ${left} more arms with failures`);
  if (arms.length === 0) return;
  const longest = Math.min(24, Math.floor(page.width / 3));
  const names = arms.map((arm) => truncate(printable(arm.name), longest));
  const nameWidth = Math.max(...names.map(displayWidth));
  for (const [index, arm] of arms.entries()) {
    const parts = arm.outcomes.map((view) => {
      const share = view.success ? ` (${formatShare(view.share)})` : '';
      return `${view.outcome} ${formatCount(view.count)}${share}`;
    });
    const failed = arm.outcomes.some((view) => !view.success);
    const tone: Tone = failed ? 'caution' : 'good';
    const name = `${signs[tone]} ${pad(names[index]!, nameWidth)}  `;
    const dropped = arm.counts.sessions_dropped;
    if (dropped > 0) parts.push(`${formatCount(dropped)} sessions dropped`);
    hanging(
      page,
      toned(page.style, tone, name),
      nameWidth + 4,
      parts.length === 0 ? 'no turns' : parts.join(' · '),
    );
    for (const failure of arm.failures.slice(0, 3)) {
      hanging(page, '    ', 4, `${failure.count} × ${failure.outcome}: ${failure.detail}`);
    }
  }
}

/** With many arms, those where most failed; the others are counted. */
function outcomesShown(model: ReportModel): {
  arms: readonly ArmView[];
  smooth: number;
  left: number;
} {
  if (model.featured.length === model.arms.length) return { arms: model.arms, smooth: 0, left: 0 };
  const lost = (arm: ArmView): number =>
    arm.counts.sessions_dropped +
    arm.outcomes.reduce((sum, view) => sum + (view.success ? 0 : view.count), 0);
  const failing = model.arms.filter((arm) => lost(arm) > 0).sort((a, b) => lost(b) - lost(a));
  const arms = failing.slice(0, mostFailing);
  return {
    arms,
    smooth: model.arms.length - failing.length,
    left: failing.length - arms.length,
  };
}

const mostFailing = 6;

function instrument(page: TerminalPage, arms: readonly ArmView[]): void {
  heading(page, 'Instrument');
  for (const arm of arms) {
    const error = arm.histograms.get('instrument_error');
    const lag = arm.histograms.get('schedule_lag');
    const parts = [
      error
        ? `${arm.bare ? 'error' : 'send to arrival, the simulated path included,'} p50 ${formatMetric(error.percentile(50), 'ms')}, p99 ${formatMetric(error.percentile(99), 'ms')}, p99.9 ${formatMetric(error.percentile(99.9), 'ms')}`
        : 'error not measured (the target stamps no send times)',
      `event-loop delay p99 ${formatMetric(arm.health.loopDelayP99, 'ms')}`,
      `loop busy ${formatShare(arm.health.utilization)}`,
    ];
    if (lag) parts.push(`schedule lag p99 ${formatMetric(lag.percentile(99), 'ms')}`);
    hanging(page, '  ', 2, `${arm.name}: ${parts.join(' · ')}`);
  }
}

function warnings(page: TerminalPage, { warnings: views, arms: all }: ReportModel): void {
  if (views.length === 0) return;
  heading(page, 'Warnings');
  for (const warning of views) {
    page.lines.push(page.style.caution(`${signs.caution} ${warning.code}`));
    for (const { arms, message } of warning.notes) {
      hanging(
        page,
        '  ',
        2,
        arms.length === 0 ? message : `[${armNames(arms, all.length)}] ${message}`,
      );
    }
    hanging(page, '  → ', 4, warning.remedy);
  }
}

/** More of one kind than this are counted, not listed. */
const mostOfOneKind = 6;

function files(page: TerminalPage, written: readonly string[]): void {
  if (written.length === 0) return;
  heading(page, 'Files');
  // Never wrapped: a path that is broken in two cannot be clicked or copied.
  const kindOf = (file: string): string => file.slice(file.lastIndexOf('.'));
  const kinds = new Set(written.map(kindOf));
  for (const kind of kinds) {
    const same = written.filter((file) => kindOf(file) === kind);
    const shown = same.length > mostOfOneKind ? same.slice(0, 1) : same;
    for (const file of shown) {
      const more = same.length - shown.length;
      const rest = more > 0 && shown.at(-1) === file ? ` and ${more} more ${kind}` : '';
      page.lines.push(`  ${page.style.accent(file)}${rest}`);
    }
  }
}

/** The whole summary, ending in a line end. */
export function terminalSummary(model: ReportModel, options: RenderOptions): string {
  const page: TerminalPage = {
    width: Math.max(40, options.width),
    style: styleFor(options.color),
    lines: [],
  };
  verdict(page, model);
  gates(page, model);
  const shown = featuredModel(model);
  page.lines.push(...heatMapLines(model.heatMaps, page.width, page.style));
  featured(page, model);
  page.lines.push(...metricTables(shown, page.width, page.style));
  for (const table of armTables(shown)) armTable(page, table);
  shapes(page, shown.arms);
  outcomes(page, model);
  instrument(page, shown.arms);
  warnings(page, model);
  files(page, options.filesWritten);
  return `${page.lines.join('\n')}\n`;
}
