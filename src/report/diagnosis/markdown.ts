/** A diagnosis as a comment on a pull request or a CI step's summary (GitHub flavour). */
import type { ComponentId, ConfigReading, Diagnosis, Fix } from '../../diagnose/diagnosis.ts';
import { formatDuration } from '../../format/duration.ts';
import { formatCount, missing } from '../../format/number.ts';
import { signs } from '../../format/style.ts';
import { escapeMarkdown, markdownTable } from '../formats/markdown.ts';
import { arrivalsLegend, arrivalsText } from './arrivals-text.ts';
import { pasteText } from './paste.ts';
import type { DiagnosisRenderer } from './renderer.ts';
import {
  componentName,
  costText,
  exitText,
  spentText,
  verdictTitle,
  verdictWord,
} from './verdict-labels.ts';

/** Comments are about this wide before they scroll. */
const commentWidth = 96;

/** For the syntax colours of the lines to paste; plain where the lines are of several kinds. */
const languages: Partial<Record<ComponentId, string>> = {
  nginx: 'nginx',
  apache: 'apache',
  express: 'js',
  nextjs: 'js',
  starlette: 'python',
  'go-proxy': 'go',
  envoy: 'yaml',
  traefik: 'yaml',
  'ingress-nginx': 'yaml',
};

/** A block of code whose fence is longer than any run of backticks inside it. */
function fenced(text: string, language = ''): string[] {
  const runs = text.match(/`+/g) ?? [];
  const fence = '`'.repeat(Math.max(3, ...runs.map((run) => run.length + 1)));
  return [`${fence}${language}`, ...text.split('\n'), fence];
}

/** Inline code; backticks inside would end it. */
function code(text: string): string {
  const plain = text.replaceAll(/\s+/g, ' ').replaceAll('|', String.raw`\|`);
  return plain.includes('`') ? escapeMarkdown(text) : `\`${plain}\``;
}

function evidence({ evidence: items }: Diagnosis): string[] {
  if (items.length === 0) return [];
  const rows = items.map(({ name, value, means }) =>
    [name, value, means].map((text) => escapeMarkdown(text)),
  );
  return [...markdownTable(['evidence', 'value', 'means'], rows, 3), ''];
}

function arrivals(diagnosis: Diagnosis): string[] {
  const { lines } = arrivalsText(diagnosis.pictures, commentWidth);
  if (lines.length === 0) return [];
  return [...fenced(lines.join('\n'), 'text'), `<sub>${arrivalsLegend}</sub>`, ''];
}

function fixLines(fix: Fix, index: number, of: number): string[] {
  const number = of > 1 ? ` ${index + 1}` : '';
  return [
    `### Fix${number}: ${escapeMarkdown(fix.title)}`,
    '',
    `**${escapeMarkdown(componentName(fix.component))}**, into ${escapeMarkdown(fix.where)}:`,
    '',
    ...fenced(pasteText(fix.paste), languages[fix.component]),
    '',
    escapeMarkdown(fix.why),
    ...(fix.side_effect === undefined
      ? []
      : ['', `*It also changes:* ${escapeMarkdown(fix.side_effect)}`]),
    '',
  ];
}

function fixes({ fixes: items }: Diagnosis): string[] {
  const [first, ...others] = items;
  if (first === undefined) return [];
  const rest = others.flatMap((fix, index) => fixLines(fix, index + 1, items.length));
  if (rest.length === 0) return fixLines(first, 0, 1);
  return [
    ...fixLines(first, 0, items.length),
    `<details><summary>${others.length} more ${others.length === 1 ? 'fix' : 'fixes'}</summary>`,
    '',
    ...rest,
    '</details>',
    '',
  ];
}

/** Also of a configuration that was read by itself. */
export function readingMarkdown(config: ConfigReading): string[] {
  const rows = config.findings.map((finding) => [
    finding.severity === 'cause' ? `${signs.bad} **cause**` : finding.severity,
    code(`${finding.file}:${finding.line}:${finding.column}`),
    code(finding.text),
    escapeMarkdown(finding.message),
    finding.fix === '' ? '' : code(finding.fix),
  ]);
  return [
    `### Configuration ${code(config.file)}: ${config.verdict}`,
    '',
    escapeMarkdown(config.summary),
    '',
    ...(rows.length === 0
      ? []
      : [
          ...markdownTable(['', 'place', 'directive', 'what it does', 'write instead'], rows, 5),
          '',
        ]),
  ];
}

function probes(diagnosis: Diagnosis): string[] {
  if (diagnosis.probes.length === 0) return [];
  const time = (ms: number | null): string => (ms === null ? missing : formatDuration(ms));
  const rows = diagnosis.probes.map((probe) => [
    escapeMarkdown(probe.path === 'direct' ? `${probe.name} (direct)` : probe.name),
    escapeMarkdown(probe.says),
    escapeMarkdown(`${probe.status ?? missing}, HTTP/${probe.http_version}, ${probe.end}`),
    time(probe.headers_ms),
    time(probe.first_event_ms),
    time(probe.ended_ms),
    formatCount(probe.events),
    formatCount(probe.bursts),
  ]);
  const headings = [
    'probe',
    'shows',
    'answer',
    'headers',
    'first event',
    'end',
    'events',
    'bursts',
  ];
  return [
    `<details><summary>${diagnosis.probes.length} probes</summary>`,
    '',
    ...markdownTable(headings, rows, 3),
    '',
    '</details>',
    '',
  ];
}

function renderMarkdown(diagnosis: Diagnosis): string {
  const { word, tone } = verdictWord(diagnosis.verdict);
  const direct =
    diagnosis.direct_url === null ? '' : `, against ${code(diagnosis.direct_url)} directly`;
  const suspects = diagnosis.suspects.map(
    ({ component, confidence, because }) =>
      `- **${escapeMarkdown(componentName(component))}** (${confidence}): ${escapeMarkdown(because)}`,
  );
  const lines = [
    `## ${signs[tone]} ${word}: ${escapeMarkdown(verdictTitle(diagnosis.verdict))}`,
    '',
    escapeMarkdown(diagnosis.summary),
    '',
    `${code(diagnosis.url)}${direct} · confidence **${diagnosis.verdict.confidence}** · ${spentText(diagnosis)} · ${exitText(diagnosis)}`,
    '',
    ...evidence(diagnosis),
    ...arrivals(diagnosis),
    ...(diagnosis.cost === null ? [] : [escapeMarkdown(costText(diagnosis.cost)), '']),
    ...(suspects.length === 0 ? [] : ['### Likely component', '', ...suspects, '']),
    ...(diagnosis.config === null ? [] : readingMarkdown(diagnosis.config)),
    ...fixes(diagnosis),
    ...(diagnosis.question === null
      ? []
      : ['### One question left', '', `> ${escapeMarkdown(diagnosis.question)}`, '']),
    ...(diagnosis.notes.length === 0
      ? []
      : ['### Notes', '', ...diagnosis.notes.map((note) => `- ${escapeMarkdown(note)}`), '']),
    ...probes(diagnosis),
    `<sub>streamgauge ${diagnosis.tool.version}, ${escapeMarkdown(diagnosis.started)}, dialect ${escapeMarkdown(diagnosis.dialect)}</sub>`,
  ];
  return `${lines.join('\n')}\n`;
}

export const diagnosisMarkdown: DiagnosisRenderer = {
  description: 'for a comment on a pull request or a CI step summary',
  file: 'diagnosis.md',
  render: renderMarkdown,
};
