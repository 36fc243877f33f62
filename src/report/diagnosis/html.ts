/** A diagnosis as one page that needs no network and no script. */
import type { Diagnosis } from '../../diagnose/diagnosis.ts';
import { htmlPage } from '../formats/html/html-page.ts';
import { burstChart } from './burst-chart.ts';
import {
  configSection,
  costSection,
  diagnosisFooter,
  diagnosisHeader,
  evidenceSection,
  fixSection,
  notesSection,
  probeSection,
} from './html-sections.ts';
import { diagnosisStyle } from './html-style.ts';
import type { DiagnosisRenderer } from './renderer.ts';
import { staircaseChart } from './staircase-chart.ts';
import { verdictTitle, verdictWord } from './verdict-labels.ts';

function arrivalsSection(diagnosis: Diagnosis): string {
  const charts = [staircaseChart(diagnosis), burstChart(diagnosis)].filter((chart) => chart !== '');
  if (charts.length === 0) return '';
  return `<section id="arrivals"><h2>Arrivals</h2><div class="charts">${charts.join('\n')}</div></section>`;
}

function renderHtml(diagnosis: Diagnosis): string {
  return htmlPage({
    title: `${verdictWord(diagnosis.verdict).word}: ${verdictTitle(diagnosis.verdict)}`,
    toolVersion: diagnosis.tool.version,
    header: diagnosisHeader(diagnosis),
    sections: [
      ['evidence', 'Evidence', evidenceSection(diagnosis)],
      ['arrivals', 'Arrivals', arrivalsSection(diagnosis)],
      ['cost', 'Cost', costSection(diagnosis)],
      ['fix', 'Fix', fixSection(diagnosis)],
      ['config', 'Configuration', configSection(diagnosis)],
      ['probes', 'Probes', probeSection(diagnosis)],
      ['notes', 'Notes', notesSection(diagnosis)],
    ],
    footer: diagnosisFooter(diagnosis),
    styles: [{ rules: diagnosisStyle }],
  });
}

export const diagnosisHtml: DiagnosisRenderer = {
  description: 'one self-contained page with the arrivals drawn, the probes and the fixes',
  file: 'diagnosis.html',
  render: renderHtml,
};
