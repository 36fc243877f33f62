/** The page's sections that are tables and lists; '' where there is nothing to show. */
import { formatCount, formatShare, missing, percentileName } from '../../../../format/number.ts';
import { signs, type Tone } from '../../../../format/style.ts';
import type { ArmTable } from '../../../view/arm-tables/arm-table.ts';
import { armNames } from '../../../view/arm-names.ts';
import { featuredModel } from '../../../view/featured.ts';
import { gatesShown } from '../../../view/gates-shown.ts';
import {
  formatMeasured,
  formatMetric,
  formatPercentile,
  rowFormat,
  weakFootnote,
} from '../../../view/metric-format.ts';
import { shownPercents } from '../../../view/metric-rows.ts';
import type { MetricRow, ReportModel } from '../../../view/report-model.ts';
import { markerIcon } from '../drawing/svg.ts';
import { escapeHtml } from '../escape.ts';
import { tableOf } from '../html-table.ts';

/** A section with one panel; parts that are '' are left out. */
function panelSection(id: string, title: string, ...parts: readonly string[]): string {
  const content = parts.filter((part) => part !== '').join('\n');
  return `<section id="${id}"><h2>${escapeHtml(title)}</h2><div class="panel">\n${content}</div></section>`;
}

const gateWords: Record<string, { tone: Tone; word: string }> = {
  pass: { tone: 'good', word: 'pass' },
  fail: { tone: 'bad', word: 'FAIL' },
  inconclusive: { tone: 'neutral', word: 'open' },
  no_data: { tone: 'neutral', word: 'no data' },
};

export function gateSection(model: ReportModel): string {
  if (model.gates.length === 0) return '';
  const rows = gatesShown(model.gates).map((gate) => {
    const { tone: own, word } = gateWords[gate.verdict]!;
    // No gate of an invalid run counts, so none may look as if it did.
    const tone = model.verdict.word === 'INVALID' ? 'neutral' : own;
    return `<tr><td><code>${escapeHtml(gate.text)}</code></td><td>${escapeHtml(gate.arm ?? 'all')}</td><td class="${tone}-text">${signs[tone]} ${word}</td><td class="num">${escapeHtml(formatMeasured(gate))}</td><td class="num">${formatMetric(gate.limit, gate.unit)}</td><td class="num">${gate.margin === null ? missing : formatShare(gate.margin)}</td></tr>`;
  });
  const title = `Gates${model.verdict.word === 'INVALID' ? ' (none counts: the run is invalid)' : ''}`;
  const headings = ['gate', 'arm', 'verdict', 'measured', 'limit', 'margin'];
  return panelSection('gates', title, tableOf('Gates', headings, 3, rows));
}

function metricBody(row: MetricRow, model: ReportModel): string {
  const format = rowFormat(row, shownPercents);
  const present = row.cells.filter((cell) => cell !== undefined);
  return present
    .map((cell, index) => {
      const heading =
        index === 0
          ? `<th scope="rowgroup" rowspan="${present.length}">${escapeHtml(row.metric.title)}<br><span class="soft">${escapeHtml(format.label)}</span></th>`
          : '';
      const arm = model.arms.find((candidate) => candidate.name === cell.arm)!;
      const best = row.best?.arm === cell.arm ? `<span class="chip">${row.best.label}</span>` : '';
      const numbers = [
        formatCount(cell.n),
        format.format(cell.mean),
        ...shownPercents.map((percent) => formatPercentile(cell, percent, format)),
        format.format(cell.max),
      ];
      return `<tr${index === 0 ? ' class="first"' : ''}>${heading === '' ? '' : `${heading}\n`}<td class="arm">${markerIcon(arm.mark)}${escapeHtml(cell.arm)}${best}</td>${numbers.map((number) => `<td class="num">${number}</td>`).join('')}</tr>`;
    })
    .join('\n');
}

function metricTable(rows: readonly MetricRow[], model: ReportModel, label: string): string {
  return tableOf(
    label,
    ['metric', 'arm', 'n', 'mean', ...shownPercents.map(percentileName), 'max'],
    2,
    rows.map((row) => metricBody(row, model)),
  );
}

export function latencySection(model: ReportModel): string {
  const primary = featuredModel(model).metrics.filter((row) => row.primary);
  const others = model.metrics.filter((row) => !row.primary);
  if (model.metrics.length === 0) return '';
  const rest =
    model.featured.length === model.arms.length
      ? ''
      : `<details><summary>The same of all ${model.arms.length} arms</summary>\n${metricTable(
          model.metrics.filter((row) => row.primary),
          model,
          'Latency percentiles of all arms',
        )}</details>`;
  const more =
    others.length === 0
      ? ''
      : `<details><summary>${others.length} more metrics: ${others
          .slice(0, 4)
          .map((row) => row.name)
          .join(', ')}…</summary>\n${metricTable(others, model, 'More metrics')}</details>`;
  const note = model.hasWeakPercentiles ? `<p class="soft">${escapeHtml(weakFootnote)}</p>` : '';
  return panelSection(
    'latency',
    'Latency',
    metricTable(primary, model, 'Latency percentiles'),
    note,
    rest,
    more,
  );
}

export function armTableSection(model: ReportModel, table: ArmTable): string {
  const body = table.rows.map(([name, ...numbers], index) => {
    const cells = numbers.map((number) => `<td class="num">${escapeHtml(number)}</td>`).join('');
    return `<tr><td class="arm">${markerIcon(model.arms[index]!.mark)}${escapeHtml(name!)}</td>${cells}</tr>`;
  });
  return panelSection(
    table.id,
    table.title,
    tableOf(table.contents, table.headings, 1, body),
    `<p class="soft">${escapeHtml(table.note)}</p>`,
  );
}

export function warningSection(model: ReportModel): string {
  if (model.warnings.length === 0) return '';
  const notes = model.warnings.map((warning) => {
    const lines = warning.notes.map(({ arms, message }) => {
      const where = arms.length === 0 ? '' : `[${armNames(arms, model.arms.length)}] `;
      return `<p>${escapeHtml(where + message)}</p>`;
    });
    return `<li><p><strong>${signs.caution} ${escapeHtml(warning.code)}</strong></p>${lines.join('\n')}\n<p class="soft">→ ${escapeHtml(warning.remedy)}</p></li>`;
  });
  return `<section id="warnings"><h2>Warnings</h2>
<ul class="notes">
${notes.join('\n')}
</ul></section>`;
}

export function failureSection(model: ReportModel): string {
  const rows = model.arms.flatMap((arm) =>
    arm.failures.map(
      (failure) =>
        `<tr><td class="arm">${markerIcon(arm.mark)}${escapeHtml(arm.name)}</td><td>${escapeHtml(failure.outcome)}</td><td>${escapeHtml(failure.detail)}</td><td class="num">${formatCount(failure.count)}</td></tr>`,
    ),
  );
  if (rows.length === 0) return '';
  const table = tableOf('Failures', ['arm', 'outcome', 'detail', 'count'], 3, rows);
  return panelSection('failures', 'Failures', table);
}

export function instrumentSection(model: ReportModel): string {
  const rows = model.arms.map((arm) => {
    const error = arm.histograms.get('instrument_error');
    const lag = arm.histograms.get('schedule_lag');
    const at = (percent: number): string =>
      error ? formatMetric(error.percentile(percent), 'ms') : missing;
    const cells = [
      `${at(50)} / ${at(99)} / ${at(99.9)}${arm.bare ? '' : ' (with the simulated path)'}`,
      `${formatMetric(arm.health.loopDelayP50, 'ms')} / ${formatMetric(arm.health.loopDelayP99, 'ms')}`,
      formatShare(arm.health.utilization),
      lag ? formatMetric(lag.percentile(99), 'ms') : missing,
      `${formatMetric(arm.health.gcMs, 'ms')} (longest ${formatMetric(arm.health.gcLongestMs, 'ms')})`,
      `${formatCount(arm.health.rssMb)} MB`,
    ];
    return `<tr><td class="arm">${markerIcon(arm.mark)}${escapeHtml(arm.name)}</td>${cells.map((cell) => `<td class="num">${cell}</td>`).join('')}</tr>`;
  });
  const headings = [
    'arm',
    'error p50 / p99 / p99.9',
    'loop delay p50 / p99',
    'loop busy',
    'schedule lag p99',
    'garbage collection',
    'memory',
  ];
  return panelSection(
    'instrument',
    'Instrument',
    tableOf('Instrument', headings, 1, rows),
    '<p class="soft">Error is arrival minus send stamp on loopback: differences between arms that are smaller than it are noise.</p>',
  );
}
