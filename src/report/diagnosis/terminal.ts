/** A diagnosis on a terminal: the verdict, why, a picture of it, and the lines that mend it. */
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
import { hanging, heading, type Paper } from '../terminal/page.ts';

function verdict(paper: Paper, diagnosis: Diagnosis): void {
  const { word, tone } = verdictWord(diagnosis.verdict);
  const label = `${signs[tone]} ${word}`;
  hanging(
    paper,
    `${paper.style.bold(toned(paper.style, tone, label))}  `,
    displayWidth(label) + 2,
    `${verdictTitle(diagnosis.verdict)} (confidence: ${diagnosis.verdict.confidence})`,
  );
  hanging(paper, '  ', 2, diagnosis.summary);
  const direct = diagnosis.direct_url === null ? [] : [`against ${diagnosis.direct_url}`];
  const facts = [diagnosis.url, ...direct, diagnosis.dialect, spentText(diagnosis)].join(' · ');
  for (const line of wrap(facts, paper.width)) paper.lines.push(paper.style.dim(line));
}

function evidence(paper: Paper, diagnosis: Diagnosis): void {
  if (diagnosis.evidence.length === 0) return;
  heading(paper, 'Evidence');
  const columns = [{ heading: '' }, { heading: '' }];
  const cells = diagnosis.evidence.map(({ name, value }) => [name, value]);
  const [, ...rows] = renderTable(columns, cells, { width: paper.width, indent: '  ' });
  for (const [index, row] of rows.entries()) {
    const lead = row.padEnd(Math.max(...rows.map(displayWidth)));
    const means = diagnosis.evidence[index]!.means;
    // Beside the number where there is room for a clause, under it where there is not.
    if (paper.width - displayWidth(lead) - 3 >= 30) {
      hanging(paper, `${lead}   `, displayWidth(lead) + 3, means);
    } else {
      paper.lines.push(row);
      hanging(paper, '    ', 4, means);
    }
  }
}

function arrivals(paper: Paper, diagnosis: Diagnosis): void {
  const { lines, omitted } = arrivalsText(diagnosis.pictures, paper.width);
  if (lines.length === 0) return;
  heading(paper, 'Arrivals');
  paper.lines.push(...lines);
  const more = omitted === 0 ? '' : `; ${omitted} more in the HTML report`;
  for (const line of wrap(arrivalsLegend + more, paper.width - 2)) {
    paper.lines.push(paper.style.dim(`  ${line}`));
  }
}

function cost(paper: Paper, diagnosis: Diagnosis): void {
  if (diagnosis.cost === null) return;
  heading(paper, 'What it costs');
  hanging(paper, '  ', 2, costText(diagnosis.cost));
}

function suspects(paper: Paper, diagnosis: Diagnosis): void {
  if (diagnosis.suspects.length === 0) return;
  heading(paper, 'Likely component');
  for (const suspect of diagnosis.suspects) {
    const name = `${componentName(suspect.component)} (${suspect.confidence})`;
    hanging(paper, '  - ', 4, `${name}: ${suspect.because}`);
  }
}

const severities: Readonly<Record<ConfigFinding['severity'], Tone>> = {
  cause: 'bad',
  risk: 'caution',
  note: 'neutral',
};

function configuration(paper: Paper, config: ConfigReading): void {
  heading(paper, `Configuration ${config.file}: ${config.verdict}`);
  hanging(paper, '  ', 2, config.summary);
  for (const finding of config.findings) {
    const tone = severities[finding.severity];
    const place = `${printable(finding.file)}:${finding.line}:${finding.column}`;
    // Never wrapped: editors and terminals open a place that is in one piece.
    paper.lines.push(
      `  ${toned(paper.style, tone, `${signs[tone]} ${finding.severity}`)}  ${paper.style.accent(place)}`,
    );
    hanging(paper, '      ', 6, finding.text);
    hanging(paper, '    ', 4, finding.message);
    if (finding.fix !== '') hanging(paper, '    → ', 6, finding.fix);
  }
}

function fixes(paper: Paper, diagnosis: Diagnosis): void {
  const many = diagnosis.fixes.length > 1;
  for (const [index, fix] of diagnosis.fixes.entries()) {
    const number = many ? ` ${index + 1}` : '';
    heading(paper, `Fix${number}: ${fix.title} [${componentName(fix.component)}]`);
    hanging(paper, '  into ', 7, fix.where);
    const rule = paper.style.dim('┄'.repeat(Math.min(40, paper.width)));
    // At the left edge and not wrapped, so that what is selected is what must be pasted.
    paper.lines.push(rule, ...pasteText(fix.paste).split('\n'), rule);
    hanging(paper, '  ', 2, fix.why);
    if (fix.side_effect !== undefined) {
      hanging(
        paper,
        `  ${toned(paper.style, 'caution', signs.caution)} `,
        4,
        `It also changes: ${fix.side_effect}`,
      );
    }
  }
}

function question(paper: Paper, diagnosis: Diagnosis): void {
  if (diagnosis.question === null) return;
  heading(paper, 'One question left');
  hanging(paper, '  ? ', 4, diagnosis.question);
}

function notes(paper: Paper, diagnosis: Diagnosis): void {
  if (diagnosis.notes.length === 0) return;
  heading(paper, 'Notes');
  for (const note of diagnosis.notes) hanging(paper, '  - ', 4, note);
}

function paperFor({ width, color }: DiagnosisRenderOptions): Paper {
  return { width: Math.max(40, width), style: styleFor(color), lines: [] };
}

/** A configuration that was read by itself. */
export function readingTerminal(reading: ConfigReading, options: DiagnosisRenderOptions): string {
  const paper = paperFor(options);
  configuration(paper, reading);
  // Nothing comes before the heading here.
  return `${paper.lines.slice(1).join('\n')}\n`;
}

function renderTerminal(diagnosis: Diagnosis, options: DiagnosisRenderOptions): string {
  const paper = paperFor(options);
  verdict(paper, diagnosis);
  evidence(paper, diagnosis);
  arrivals(paper, diagnosis);
  cost(paper, diagnosis);
  suspects(paper, diagnosis);
  if (diagnosis.config !== null) configuration(paper, diagnosis.config);
  fixes(paper, diagnosis);
  question(paper, diagnosis);
  notes(paper, diagnosis);
  paper.lines.push('', paper.style.dim(exitText(diagnosis)));
  return `${paper.lines.join('\n')}\n`;
}

export const diagnosisTerminal: DiagnosisRenderer = {
  description: 'verdict, evidence, a picture of the arrivals, and the lines that fix it',
  file: 'diagnosis.txt',
  render: renderTerminal,
};
