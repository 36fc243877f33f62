/** The page's parts that are not charts. */
import {
  formatCount,
  formatRate,
  formatShare,
  missing,
  percentileName,
} from '../../../format/number.ts';
import { signs, type Tone } from '../../../format/style.ts';
import {
  formatMeasured,
  formatMetric,
  formatPercentile,
  percentileText,
  rowFormat,
  scalarOf,
  weakFootnote,
} from '../../view/metric-format.ts';
import { shownPercents } from '../../view/metric-rows.ts';
import type { ArmView, MetricRow, ReportModel } from '../../view/report-model.ts';
import { armNames } from '../../view/arm-names.ts';
import { featuredModel, featuredNote } from '../../view/featured.ts';
import { gatesShown } from '../../view/gates-shown.ts';
import type { ArmTable } from '../../view/arm-tables/arm-table.ts';
import { formatMoney } from '../../view/money.ts';
import { readingTable } from '../../view/arm-tables/reading-table.ts';
import { escapeHtml } from './escape.ts';
import { markerIcon, seriesClass } from './svg.ts';

/** `2026-01-15T10:00:00.000Z` → `2026-01-15 10:00:00 UTC`. */
export function momentText(iso: string): string {
  return iso.replace(/^(\d{4}-\d\d-\d\d)T(\d\d:\d\d:\d\d)(?:\.\d+)?Z$/, '$1 $2 UTC');
}

/** The line at the top of every page, with the theme switch that the page's script brings to life. */
export function brandHtml(kind: string): string {
  return `<div class="brand"><span><svg viewBox="0 0 24 24" aria-hidden="true"><path class="line s0" d="M2 18V6M6 18v-8M10 18V9M14 18v-5M18 18v-6M22 18V7"/></svg><b>streamgauge</b> ${kind}</span><button type="button" id="theme" hidden>Dark</button></div>`;
}

export function pageHeader(model: ReportModel): string {
  const { verdict } = model;
  const reasons =
    verdict.reasons.length === 0
      ? ''
      : `<ul>${verdict.reasons.map((reason) => `<li>${escapeHtml(reason)}</li>`).join('')}</ul>`;
  const facts = [
    momentText(model.started),
    `seed ${model.seed}`,
    ...(model.scenarioFile === '' ? [] : [model.scenarioFile]),
    `streamgauge ${model.toolVersion}`,
  ];
  return `<header><div class="wrap">
${brandHtml('report')}
<h1>${escapeHtml(model.title)}</h1>
${model.description === '' ? '' : `<p class="soft">${escapeHtml(model.description)}</p>`}
<p class="soft">${facts.map(escapeHtml).join(' · ')}</p>
<div class="verdict ${verdict.tone}"><strong>${signs[verdict.tone]} ${verdict.word}${verdict.partial ? ' (partial)' : ''}</strong><p>${escapeHtml(verdict.sentence)}</p>${reasons}</div>
</div></header>`;
}

/** What leaving clients cost, for the card: stop, waste, money. */
function wasteFacts(model: ReportModel, arm: ArmView): [string, string][] {
  const share = scalarOf(model, 'wasted_token_share', arm.index);
  const cost = scalarOf(model, 'waste_cost', arm.index);
  if (share === null) return [];
  return [
    [
      'stopped after p50 / p95',
      `${percentileText(model, 'cancel_latency', arm.index, 50)} / ${percentileText(model, 'cancel_latency', arm.index, 95)}`,
    ],
    ['tokens wasted', formatShare(share)],
    ...(cost === null || !arm.price
      ? []
      : [['per 1,000 left', formatMoney(cost, arm.price.currency)] satisfies [string, string]]),
  ];
}

function card(model: ReportModel, arm: ArmView): string {
  const [number = missing, unit = ''] = percentileText(model, 'ttft', arm.index, 50).split(' ');
  const best = model.metrics.find((row) => row.name === 'ttft')?.best;
  const chip = best?.arm === arm.name ? `<span class="chip">${best.label}</span>` : '';
  const rate = scalarOf(model, 'token_rate', arm.index);
  const errors = scalarOf(model, 'errors', arm.index);
  const stalls = readingTable(model)?.rows[arm.index]?.[1];
  const facts: [string, string][] = [
    ['first token p95', percentileText(model, 'ttft', arm.index, 95)],
    [
      'token gap p50 / p95',
      `${percentileText(model, 'itl', arm.index, 50)} / ${percentileText(model, 'itl', arm.index, 95)}`,
    ],
    ['end to end p50', percentileText(model, 'e2e', arm.index, 50)],
    ...(stalls === undefined ? [] : [['stalls', stalls] satisfies [string, string]]),
    ...wasteFacts(model, arm),
    ['output tokens', rate === null ? missing : formatRate(rate)],
    ['turns', formatCount(arm.counts.turns_started)],
    [
      'errors',
      errors === null
        ? missing
        : `${errors > 0 ? `${signs.bad} ` : `${signs.good} `}${formatShare(errors)}`,
    ],
  ];
  return `<article class="card ${seriesClass(arm.mark)}">
<h3>${markerIcon(arm.mark)}${escapeHtml(arm.name)}</h3>
<p class="how">${escapeHtml(arm.how)}</p>${arm.path === '' ? '' : `<p class="how">${escapeHtml(arm.path)}</p>`}
<p class="big">${number} <span>${unit}</span></p><p class="what">time to first token, p50${chip}</p>
<dl>${facts.map(([label, value]) => `<div><dt>${label}</dt><dd>${value}</dd></div>`).join('')}</dl>
</article>`;
}

export function summarySection(model: ReportModel): string {
  const shown = featuredModel(model);
  const note = featuredNote(model);
  return `<section id="summary"><h2>Summary</h2>${note === undefined ? '' : `<p class="soft">${escapeHtml(note)}</p>`}<div class="cards">${shown.arms.map((arm) => card(shown, arm)).join('\n')}</div></section>`;
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
  return `<section id="gates"><h2>Gates${model.verdict.word === 'INVALID' ? ' (none counts: the run is invalid)' : ''}</h2><div class="panel"><div class="scroll" role="region" tabindex="0" aria-label="Gates"><table><thead><tr><th scope="col">gate</th><th scope="col">arm</th><th scope="col">verdict</th><th scope="col" class="num">measured</th><th scope="col" class="num">limit</th><th scope="col" class="num">margin</th></tr></thead><tbody>${rows.join('\n')}</tbody></table></div></div></section>`;
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
      return `<tr${index === 0 ? ' class="first"' : ''}>${heading}<td class="arm">${markerIcon(arm.mark)}${escapeHtml(cell.arm)}${best}</td>${numbers.map((number) => `<td class="num">${number}</td>`).join('')}</tr>`;
    })
    .join('\n');
}

function metricTable(rows: readonly MetricRow[], model: ReportModel, label: string): string {
  const headings = ['n', 'mean', ...shownPercents.map(percentileName), 'max'];
  return `<div class="scroll" role="region" tabindex="0" aria-label="${label}"><table><thead><tr><th scope="col">metric</th><th scope="col">arm</th>${headings.map((heading) => `<th scope="col" class="num">${heading}</th>`).join('')}</tr></thead><tbody>${rows.map((row) => metricBody(row, model)).join('\n')}</tbody></table></div>`;
}

export function latencySection(model: ReportModel): string {
  const primary = featuredModel(model).metrics.filter((row) => row.primary);
  const others = model.metrics.filter((row) => !row.primary);
  if (model.metrics.length === 0) return '';
  const rest =
    model.featured.length === model.arms.length
      ? ''
      : `<details><summary>The same of all ${model.arms.length} arms</summary>${metricTable(
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
          .join(', ')}…</summary>${metricTable(others, model, 'More metrics')}</details>`;
  const note = model.hasWeakPercentiles ? `<p class="soft">${escapeHtml(weakFootnote)}</p>` : '';
  return `<section id="latency"><h2>Latency</h2><div class="panel">${metricTable(primary, model, 'Latency percentiles')}${note}${rest}${more}</div></section>`;
}

export function armTableSection(model: ReportModel, table: ArmTable): string {
  const head = table.headings
    .map((text, column) => `<th scope="col"${column > 0 ? ' class="num"' : ''}>${text}</th>`)
    .join('');
  const body = table.rows.map(([name, ...numbers], index) => {
    const cells = numbers.map((number) => `<td class="num">${escapeHtml(number)}</td>`).join('');
    return `<tr><td class="arm">${markerIcon(model.arms[index]!.mark)}${escapeHtml(name!)}</td>${cells}</tr>`;
  });
  return `<section id="${table.id}"><h2>${escapeHtml(table.title)}</h2><div class="panel"><div class="scroll" role="region" tabindex="0" aria-label="${escapeHtml(table.contents)}"><table><thead><tr>${head}</tr></thead><tbody>${body.join('\n')}</tbody></table></div><p class="soft">${escapeHtml(table.note)}</p></div></section>`;
}

export function warningSection(model: ReportModel): string {
  if (model.warnings.length === 0) return '';
  const notes = model.warnings.map((warning) => {
    const lines = warning.notes.map(({ arms, message }) => {
      const where = arms.length === 0 ? '' : `[${armNames(arms, model.arms.length)}] `;
      return `<p>${escapeHtml(where + message)}</p>`;
    });
    return `<li><p><strong>${signs.caution} ${escapeHtml(warning.code)}</strong></p>${lines.join('')}<p class="soft">→ ${escapeHtml(warning.remedy)}</p></li>`;
  });
  return `<section id="warnings"><h2>Warnings</h2><ul class="notes">${notes.join('\n')}</ul></section>`;
}

export function failureSection(model: ReportModel): string {
  const rows = model.arms.flatMap((arm) =>
    arm.failures.map(
      (failure) =>
        `<tr><td class="arm">${markerIcon(arm.mark)}${escapeHtml(arm.name)}</td><td>${escapeHtml(failure.outcome)}</td><td>${escapeHtml(failure.detail)}</td><td class="num">${formatCount(failure.count)}</td></tr>`,
    ),
  );
  if (rows.length === 0) return '';
  return `<section id="failures"><h2>Failures</h2><div class="panel"><div class="scroll" role="region" tabindex="0" aria-label="Failures"><table><thead><tr><th scope="col">arm</th><th scope="col">outcome</th><th scope="col">detail</th><th scope="col" class="num">count</th></tr></thead><tbody>${rows.join('\n')}</tbody></table></div></div></section>`;
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
    'error p50 / p99 / p99.9',
    'loop delay p50 / p99',
    'loop busy',
    'schedule lag p99',
    'garbage collection',
    'memory',
  ];
  return `<section id="instrument"><h2>Instrument</h2><div class="panel"><div class="scroll" role="region" tabindex="0" aria-label="Instrument"><table><thead><tr><th scope="col">arm</th>${headings.map((heading) => `<th scope="col" class="num">${heading}</th>`).join('')}</tr></thead><tbody>${rows.join('\n')}</tbody></table></div><p class="soft">Error is arrival minus send stamp on loopback: differences between arms that are smaller than it are noise.</p></div></section>`;
}

export function pageFooter(model: ReportModel): string {
  const entries: [string, string][] = [
    ...model.arms.map((arm): [string, string] => [
      arm.name,
      `${arm.how}; ${arm.load}; network ${arm.network}${arm.client === '' ? '' : `; ${arm.client}`}; target ${arm.target}; model ${arm.model}`,
    ]),
    ['Scenario', `${model.scenarioFile} (sha256 ${model.scenarioHash})`],
    ['Seed', model.seed],
    ['Run', `${model.id}, ${momentText(model.started)} to ${momentText(model.finished)}`],
    ...model.environment.map(([label, value]): [string, string] => [label, value]),
  ];
  return `<footer id="about"><div class="wrap"><h2>How this was measured</h2><dl>${entries.map(([label, value]) => `<dt>${escapeHtml(label)}</dt><dd>${escapeHtml(value)}</dd>`).join('')}</dl></div></footer>`;
}
