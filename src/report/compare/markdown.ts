/** A comparison for pull requests. */
import { signs } from '../../format/style.ts';
import { escapeMarkdown, markdownTable } from '../formats/markdown.ts';
import { weakFootnote } from '../view/metric-format.ts';
import { armsOf, comparisonHeadings, comparisonRows, hasWeak, scalarRows } from './lines.ts';
import type { ComparisonModel } from './comparison-model.ts';

export function renderComparisonMarkdown(model: ComparisonModel): string {
  const { word, sentence } = model.conclusion;
  const lines = [
    `## ${word === 'invalid' ? signs.bad : signs.neutral} ${word}`,
    '',
    `${escapeMarkdown(sentence)}.`,
    '',
    ...markdownTable(
      ['', 'file', 'scenario', 'started', 'trials', 'verdict'],
      model.sides.map((side) => [
        side.label,
        escapeMarkdown(side.file),
        escapeMarkdown(side.scenario),
        side.started,
        String(side.trials),
        side.verdict,
      ]),
      6,
    ),
    '',
  ];
  if (model.cautions.length > 0) {
    lines.push(
      '### Not alike',
      '',
      ...model.cautions.map((text) => `- ${escapeMarkdown(text)}`),
      '',
    );
  }
  for (const arm of armsOf(model)) {
    const rows = [
      ...comparisonRows(model.metrics.filter((metric) => metric.arm === arm)),
      ...scalarRows(model, arm),
    ].map((row) =>
      row.map((cell, index) =>
        index === 0 && cell !== '' ? `**${escapeMarkdown(cell)}**` : escapeMarkdown(cell),
      ),
    );
    lines.push(
      `### ${escapeMarkdown(arm)}`,
      '',
      ...markdownTable(comparisonHeadings(model), rows, 2),
      '',
    );
  }
  if (model.metrics.length === 0) lines.push('The files have no arm in common.', '');
  if (hasWeak(model)) lines.push(escapeMarkdown(weakFootnote), '');
  return `${lines.join('\n').trimEnd()}\n`;
}
