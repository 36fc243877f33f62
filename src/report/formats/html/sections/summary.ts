/** A card for each arm, with the few numbers that most readers look for. */
import { formatCount, formatRate, formatShare, missing } from '../../../../format/number.ts';
import { signs } from '../../../../format/style.ts';
import { readingTable } from '../../../view/arm-tables/reading-table.ts';
import { featuredModel, featuredNote } from '../../../view/featured.ts';
import { percentileText, scalarOf } from '../../../view/metric-format.ts';
import { formatMoney } from '../../../view/money.ts';
import type { ArmView, ReportModel } from '../../../view/report-model.ts';
import { markerIcon, seriesClass } from '../drawing/svg.ts';
import { escapeHtml } from '../escape.ts';

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
<dl>
${facts.map(([label, value]) => `<div><dt>${label}</dt><dd>${escapeHtml(value)}</dd></div>`).join('\n')}
</dl>
</article>`;
}

export function summarySection(model: ReportModel): string {
  const shown = featuredModel(model);
  const note = featuredNote(model);
  return `<section id="summary"><h2>Summary</h2>${note === undefined ? '' : `<p class="soft">${escapeHtml(note)}</p>`}
<div class="cards">
${shown.arms.map((arm) => card(shown, arm)).join('\n')}
</div></section>`;
}
