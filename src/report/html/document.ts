/**
 * The HTML report: one file that needs no network and no script. Its security policy allows nothing
 * but the style and the script whose hashes it names, so text from a target can never run.
 */
import { createHash } from 'node:crypto';
import type { ReportModel } from '../model.ts';
import type { Renderer } from '../renderer.ts';
import { escapeHtml } from './escape.ts';
import { histogramChart } from './histogram-chart.ts';
import { outcomeChart } from './outcome-chart.ts';
import { percentileChart } from './percentile-chart.ts';
import { pageScript } from './script.ts';
import {
  gateSection,
  instrumentSection,
  latencySection,
  pageFooter,
  pageHeader,
  readingSection,
  summarySection,
  warningSection,
} from './sections.ts';
import { styleSheet } from './style-sheet.ts';
import { timeCharts } from './time-chart.ts';
import { waterfallChart } from './waterfall-chart.ts';

function sha256(text: string): string {
  return `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
}

const policy = `default-src 'none'; style-src ${sha256(styleSheet)}; script-src ${sha256(pageScript)}; img-src data:; base-uri 'none'; form-action 'none'`;

function chartSection(id: string, title: string, charts: readonly string[]): string {
  const shown = charts.filter((chart) => chart !== '');
  if (shown.length === 0) return '';
  return `<section id="${id}"><h2>${title}</h2><div class="charts">${shown.join('\n')}</div></section>`;
}

function renderHtml(model: ReportModel): string {
  const sections = [
    summarySection(model),
    gateSection(model),
    warningSection(model),
    latencySection(model),
    readingSection(model),
    chartSection('curves', 'Percentile curves', [
      percentileChart(model, 'ttft'),
      percentileChart(model, 'itl'),
      percentileChart(model, 'e2e'),
      outcomeChart(model),
    ]),
    chartSection('distributions', 'Distributions', [
      histogramChart(model, 'ttft'),
      histogramChart(model, 'itl'),
    ]),
    chartSection('waterfalls', 'Waterfall', [waterfallChart(model)]),
    chartSection('time', 'Over time', timeCharts(model)),
    instrumentSection(model),
  ];
  const links = [
    ['summary', 'Summary'],
    ['gates', 'Gates'],
    ['warnings', 'Warnings'],
    ['failures', 'Failures'],
    ['latency', 'Latency'],
    ['reading', 'Reading'],
    ['curves', 'Curves'],
    ['distributions', 'Distributions'],
    ['waterfalls', 'Waterfall'],
    ['time', 'Over time'],
    ['instrument', 'Instrument'],
    ['about', 'About'],
  ].filter(
    ([id]) => id === 'about' || sections.some((section) => section.includes(`<section id="${id}"`)),
  );
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="generator" content="streamgauge ${escapeHtml(model.toolVersion)}">
<title>${escapeHtml(`${model.verdict.word}: ${model.title}`)}</title>
<style>${styleSheet}</style>
</head>
<body>
<a class="skip" href="#summary">Skip to the summary</a>
${pageHeader(model)}
<nav aria-label="Sections"><div class="wrap"><ul>${links.map(([id, name]) => `<li><a href="#${id}">${name}</a></li>`).join('')}</ul></div></nav>
<main class="wrap">
${sections.filter((section) => section !== '').join('\n')}
</main>
${pageFooter(model)}
<script>${pageScript}</script>
</body>
</html>
`;
}

export const htmlRenderer: Renderer = {
  description: 'one self-contained page with charts; needs no network and no script',
  render: (model) => [{ name: 'report.html', text: renderHtml(model) }],
};
