/** A diagnosis on a terminal: the verdict, why, a picture of it, and the lines that fix it. */
import type { ConfigFinding, ConfigReading, Diagnosis } from '../../diagnose/diagnosis.ts';
import { signs, styleFor, toned, type Tone } from '../../format/style.ts';
import { renderTable } from '../../format/table.ts';
import { displayWidth, printable, wrap } from '../../format/width.ts';
import { arrivalsLegend, arrivalsText } from './arrivals-text.ts';
import { pasteText } from './paste.ts';
import type { DiagnosisRenderer, DiagnosisRenderOptions } from './renderer.ts';
import {
  componentName,
  costText,
  exitText,
  spentText,
  verdictTitle,
  verdictWord,
} from './verdict-labels.ts';
import { hanging, heading, type TerminalPage } from '../terminal/terminal-page.ts';

function verdict(page: TerminalPage, diagnosis: Diagnosis): void {
  const { word, tone } = verdictWord(diagnosis.verdict);
  const label = `${signs[tone]} ${word}`;
  hanging(
    page,
    `${page.style.bold(toned(page.style, tone, label))}  `,
    displayWidth(label) + 2,
    `${verdictTitle(diagnosis.verdict)} (confidence: ${diagnosis.verdict.confidence})`,
  );
  hanging(page, '  ', 2, diagnosis.summary);
  const direct = diagnosis.direct_url === null ? [] : [`against ${diagnosis.direct_url}`];
  const facts = [diagnosis.url, ...direct, diagnosis.dialect, spentText(diagnosis)].join(' · ');
  for (const line of wrap(facts, page.width)) page.lines.push(page.style.dim(line));
}

function evidence(page: TerminalPage, diagnosis: Diagnosis): void {
  if (diagnosis.evidence.length === 0) return;
  heading(page, 'Evidence');
  const columns = [{ heading: '' }, { heading: '' }];
  const cells = diagnosis.evidence.map(({ name, value }) => [name, value]);
  const [, ...rows] = renderTable(columns, cells, { width: page.width, indent: '  ' });
  for (const [index, row] of rows.entries()) {
    const lead = row.padEnd(Math.max(...rows.map(displayWidth)));
    const means = diagnosis.evidence[index]!.means;
    // Next to the number where there is room for a clause, under it where there is not.
    if (page.width - displayWidth(lead) - 3 >= 30) {
      hanging(page, `${lead}   `, displayWidth(lead) + 3, means);
    } else {
      page.lines.push(row);
      hanging(page, '    ', 4, means);
    }
  }
}

function arrivals(page: TerminalPage, diagnosis: Diagnosis): void {
  const { lines, omitted } = arrivalsText(diagnosis.pictures, page.width);
  if (lines.length === 0) return;
  heading(page, 'Arrivals');
  page.lines.push(...lines);
  const more = omitted === 0 ? '' : `; ${omitted} more in the HTML report`;
  for (const line of wrap(arrivalsLegend + more, page.width - 2)) {
    page.lines.push(page.style.dim(`  ${line}`));
  }
}

function cost(page: TerminalPage, diagnosis: Diagnosis): void {
  if (diagnosis.cost === null) return;
  heading(page, 'What it costs');
  hanging(page, '  ', 2, costText(diagnosis.cost));
}

function suspects(page: TerminalPage, diagnosis: Diagnosis): void {
  if (diagnosis.suspects.length === 0) return;
  heading(page, 'Likely component');
  for (const suspect of diagnosis.suspects) {
    const name = `${componentName(suspect.component)} (${suspect.confidence})`;
    hanging(page, '  - ', 4, `${name}: ${suspect.because}`);
  }
}

const severities: Readonly<Record<ConfigFinding['severity'], Tone>> = {
  cause: 'bad',
  risk: 'caution',
  note: 'neutral',
};

function configuration(page: TerminalPage, config: ConfigReading): void {
  heading(page, `Configuration ${config.file}: ${config.verdict}`);
  hanging(page, '  ', 2, config.summary);
  for (const finding of config.findings) {
    const tone = severities[finding.severity];
    const place = `${printable(finding.file)}:${finding.line}:${finding.column}`;
    // Never wrapped: editors and terminals open a place that is in one piece.
    page.lines.push(
      `  ${toned(page.style, tone, `${signs[tone]} ${finding.severity}`)}  ${page.style.accent(place)}`,
    );
    hanging(page, '      ', 6, finding.text);
    hanging(page, '    ', 4, finding.message);
    if (finding.fix !== '') hanging(page, '    → ', 6, finding.fix);
  }
}

function fixes(page: TerminalPage, diagnosis: Diagnosis): void {
  const many = diagnosis.fixes.length > 1;
  for (const [index, fix] of diagnosis.fixes.entries()) {
    const number = many ? ` ${index + 1}` : '';
    heading(page, `Fix${number}: ${fix.title} [${componentName(fix.component)}]`);
    hanging(page, '  into ', 7, fix.where);
    const rule = page.style.dim('┄'.repeat(Math.min(40, page.width)));
    // At the left edge and not wrapped, so that what is selected is what must be pasted.
    page.lines.push(rule, ...pasteText(fix.paste).split('\n'), rule);
    hanging(page, '  ', 2, fix.why);
    if (fix.side_effect !== undefined) {
      hanging(
        page,
        `  ${toned(page.style, 'caution', signs.caution)} `,
        4,
        `It also changes: ${fix.side_effect}`,
      );
    }
  }
}

function question(page: TerminalPage, diagnosis: Diagnosis): void {
  if (diagnosis.question === null) return;
  heading(page, 'One question left');
  hanging(page, '  ? ', 4, diagnosis.question);
}

function notes(page: TerminalPage, diagnosis: Diagnosis): void {
  if (diagnosis.notes.length === 0) return;
  heading(page, 'Notes');
  for (const note of diagnosis.notes) hanging(page, '  - ', 4, note);
}

function paperFor({ width, color }: DiagnosisRenderOptions): TerminalPage {
  return { width: Math.max(40, width), style: styleFor(color), lines: [] };
}

/** A configuration that was read by itself. */
export function readingTerminal(reading: ConfigReading, options: DiagnosisRenderOptions): string {
  const page = paperFor(options);
  configuration(page, reading);
  // Nothing comes before the heading here.
  return `${page.lines.slice(1).join('\n')}\n`;
}

function renderTerminal(diagnosis: Diagnosis, options: DiagnosisRenderOptions): string {
  const page = paperFor(options);
  verdict(page, diagnosis);
  evidence(page, diagnosis);
  arrivals(page, diagnosis);
  cost(page, diagnosis);
  suspects(page, diagnosis);
  if (diagnosis.config !== null) configuration(page, diagnosis.config);
  fixes(page, diagnosis);
  question(page, diagnosis);
  notes(page, diagnosis);
  page.lines.push('', page.style.dim(exitText(diagnosis)));
  return `${page.lines.join('\n')}\n`;
}

export const diagnosisTerminal: DiagnosisRenderer = {
  description: 'verdict, evidence, a picture of the arrivals, and the lines that fix it',
  file: 'diagnosis.txt',
  render: renderTerminal,
};
