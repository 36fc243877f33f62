/** The parts of a diagnosis' page that are not charts. */
import type { ConfigFinding, Diagnosis, Fix } from '../../diagnose/diagnosis.ts';
import { formatDuration } from '../../format/duration.ts';
import { formatCount, missing } from '../../format/number.ts';
import { signs, type Tone } from '../../format/style.ts';
import { escapeHtml } from '../formats/html/escape.ts';
import { htmlTable } from '../formats/html/html-table.ts';
import { brandHtml, momentText } from '../formats/html/sections/page-ends.ts';
import { pasteText } from './paste.ts';
import {
  componentName,
  costText,
  exitText,
  spentText,
  verdictTitle,
  verdictWord,
} from './verdict-labels.ts';

export function diagnosisHeader(diagnosis: Diagnosis): string {
  const { word, tone } = verdictWord(diagnosis.verdict);
  const direct = diagnosis.direct_url === null ? [] : [`against ${diagnosis.direct_url}`];
  const facts = [
    ...direct,
    diagnosis.dialect,
    momentText(diagnosis.started),
    spentText(diagnosis),
    `streamgauge ${diagnosis.tool.version}`,
  ];
  return `<header><div class="wrap">
${brandHtml('diagnosis')}
<h1>${escapeHtml(diagnosis.url)}</h1>
<p class="soft">${facts.map(escapeHtml).join(' · ')}</p>
<div class="verdict ${tone}"><strong>${signs[tone]} ${word}</strong><p><b>${escapeHtml(verdictTitle(diagnosis.verdict))}</b> <span class="chip">confidence: ${diagnosis.verdict.confidence}</span><br>${escapeHtml(diagnosis.summary)}</p></div>
</div></header>`;
}

export function evidenceSection({ evidence, suspects }: Diagnosis): string {
  if (evidence.length === 0 && suspects.length === 0) return '';
  const cards = evidence.map(
    ({ name, value, means }) =>
      `<article class="card s0"><h3>${escapeHtml(name)}</h3><p class="big text">${escapeHtml(value)}</p><p class="what">${escapeHtml(means)}</p></article>`,
  );
  const rows = suspects.map(
    ({ component, confidence, because }) =>
      `<li class="plain"><p><strong>${escapeHtml(componentName(component))}</strong> <span class="chip">${confidence}</span></p><p class="soft">${escapeHtml(because)}</p></li>`,
  );
  const list =
    rows.length === 0 ? '' : `<h2>Likely component</h2><ul class="notes">${rows.join('')}</ul>`;
  const found =
    cards.length === 0 ? '' : `<h2>Evidence</h2><div class="cards">${cards.join('\n')}</div>`;
  return `<section id="evidence">${found}${found !== '' && list !== '' ? '<br>' : ''}${list}</section>`;
}

export function costSection({ cost }: Diagnosis): string {
  if (cost === null) return '';
  return `<section id="cost"><h2>What it costs</h2><div class="panel"><p>${escapeHtml(costText(cost))}</p></div></section>`;
}

function fixArticle(fix: Fix, index: number, of: number): string {
  const number = of > 1 ? `${index + 1}. ` : '';
  const effect =
    fix.side_effect === undefined
      ? ''
      : `<p class="soft">${signs.caution} It also changes: ${escapeHtml(fix.side_effect)}</p>`;
  return `<article class="fix"><h3>${number}${escapeHtml(fix.title)}<span class="chip">${escapeHtml(componentName(fix.component))}</span></h3>
<p class="soft">into ${escapeHtml(fix.where)}</p>
<div class="paste"><pre tabindex="0">${escapeHtml(pasteText(fix.paste))}</pre></div>
<p>${escapeHtml(fix.why)}</p>${effect}</article>`;
}

export function fixSection({ fixes, question }: Diagnosis): string {
  if (fixes.length === 0 && question === null) return '';
  const asked =
    question === null
      ? ''
      : `<div class="question"><p><strong>One question left</strong></p><p>${escapeHtml(question)}</p></div>`;
  const articles = fixes.map((fix, index) => fixArticle(fix, index, fixes.length));
  return `<section id="fix"><h2>${fixes.length === 0 ? 'Question' : 'Fix'}</h2>${asked}${articles.join('\n')}</section>`;
}

const severities: Readonly<Record<ConfigFinding['severity'], Tone>> = {
  cause: 'bad',
  risk: 'caution',
  note: 'neutral',
};

export function configSection({ config }: Diagnosis): string {
  if (config === null) return '';
  const findings = config.findings.map((finding) => {
    const place = `${finding.file}:${finding.line}:${finding.column}`;
    const fix = finding.fix === '' ? '' : `<p>→ <code>${escapeHtml(finding.fix)}</code></p>`;
    return `<li class="${finding.severity}"><p><strong>${signs[severities[finding.severity]]} ${finding.severity}</strong> <code>${escapeHtml(place)}</code></p><p><code>${escapeHtml(finding.text)}</code></p><p>${escapeHtml(finding.message)}</p>${fix}</li>`;
  });
  return `<section id="config"><h2>Configuration: ${config.verdict}</h2><p class="soft"><code>${escapeHtml(config.file)}</code></p><p>${escapeHtml(config.summary)}</p><br><ul class="notes">${findings.join('\n')}</ul></section>`;
}

export function probeSection({ probes }: Diagnosis): string {
  if (probes.length === 0) return '';
  const time = (ms: number | null): string => (ms === null ? missing : formatDuration(ms));
  const table = htmlTable(
    {
      headings: [
        'probe',
        'path',
        'shows',
        'answer',
        'headers',
        'first event',
        'last event',
        'end',
        'events',
        'bursts',
        'bytes',
      ],
      rows: probes.map((probe) => [
        probe.repeat === 0 ? probe.name : `${probe.name} (${probe.repeat + 1})`,
        probe.path === 'direct' ? 'direct' : 'as given',
        probe.says,
        `${probe.status ?? missing}, HTTP/${probe.http_version}, ${probe.end}`,
        time(probe.headers_ms),
        time(probe.first_event_ms),
        time(probe.last_event_ms),
        time(probe.ended_ms),
        formatCount(probe.events),
        formatCount(probe.bursts),
        formatCount(probe.bytes),
      ]),
      numbersFrom: 4,
    },
    'Probes',
  );
  return `<section id="probes"><h2>Probes</h2><div class="panel">${table}</div></section>`;
}

export function notesSection({ notes }: Diagnosis): string {
  if (notes.length === 0) return '';
  const items = notes.map((note) => `<li class="plain"><p>${escapeHtml(note)}</p></li>`);
  return `<section id="notes"><h2>Notes</h2><ul class="notes">${items.join('')}</ul></section>`;
}

export function diagnosisFooter(diagnosis: Diagnosis): string {
  const entries: [string, string][] = [
    ['URL', diagnosis.url],
    ['Direct URL', diagnosis.direct_url ?? 'none given'],
    ['Dialect', diagnosis.dialect],
    ['Started', momentText(diagnosis.started)],
    ['Spent', spentText(diagnosis)],
    ['Ends with', exitText(diagnosis)],
  ];
  return `<footer id="about"><div class="wrap"><h2>How this was found</h2><dl>${entries.map(([label, value]) => `<dt>${escapeHtml(label)}</dt><dd>${escapeHtml(value)}</dd>`).join('')}</dl></div></footer>`;
}
