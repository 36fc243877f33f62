/** Top and bottom of the page: what was run, how it ended, how it was measured. */
import { signs } from '../../../../format/style.ts';
import type { ReportModel } from '../../../view/report-model.ts';
import { escapeHtml } from '../escape.ts';

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
  return `<footer id="about"><div class="wrap"><h2>How this was measured</h2>
<dl>
${entries.map(([label, value]) => `<dt>${escapeHtml(label)}</dt><dd>${escapeHtml(value)}</dd>`).join('\n')}
</dl></div></footer>`;
}
