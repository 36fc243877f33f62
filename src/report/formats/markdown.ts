/** Markdown for pull requests and CI step summaries (GitHub flavour: tables, details). */
import { armTables, otherScalars } from '../view/arm-tables/arm-tables.ts';
import type { ArmTable } from '../view/arm-tables/arm-table.ts';
import { formatCount, formatShare, missing, percentileName } from '../../format/number.ts';
import { signs } from '../../format/style.ts';
import {
  formatMeasured,
  formatMetric,
  formatPercentile,
  rowFormat,
  weakFootnote,
} from '../view/metric-format.ts';
import type { ReportModel } from '../view/report-model.ts';
import { armNames } from '../view/arm-names.ts';
import { featuredModel, featuredNote } from '../view/featured.ts';
import { gatesShown } from '../view/gates-shown.ts';
import { aheadNote, axesInWords, heatFormat } from '../view/heat-format.ts';
import type { Renderer } from '../renderer.ts';

const percents = [50, 90, 95, 99] as const;

/** Text that Markdown and its tables would read as markup, made literal. */
export function escapeMarkdown(text: string): string {
  return text
    .replaceAll(/[\r\n]+/g, ' ')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll(/[\\`*_[\]|~#]/g, String.raw`\$&`);
}

/** A Markdown table; cells are taken as they are. */
export function markdownTable(
  headings: readonly string[],
  rows: readonly (readonly string[])[],
  rightFrom = 1,
): string[] {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [
    line(headings),
    line(headings.map((_, index) => (index < rightFrom ? '---' : '---:'))),
    ...rows.map(line),
  ];
}

function gateTable(model: ReportModel): string[] {
  if (model.gates.length === 0) return [];
  const words = {
    pass: `${signs.good} pass`,
    fail: `${signs.bad} **FAIL**`,
    inconclusive: `${signs.neutral} open`,
    no_data: `${signs.neutral} no data`,
  };
  return [
    model.verdict.word === 'INVALID' ? '### Gates (none counts)' : '### Gates',
    '',
    ...markdownTable(
      ['gate', 'arm', 'verdict', 'measured', 'limit', 'margin'],
      gatesShown(model.gates).map((gate) => [
        escapeMarkdown(gate.text),
        gate.arm === null ? '' : escapeMarkdown(gate.arm),
        words[gate.verdict],
        escapeMarkdown(formatMeasured(gate)),
        formatMetric(gate.limit, gate.unit),
        gate.margin === null ? missing : formatShare(gate.margin),
      ]),
      3,
    ),
    '',
  ];
}

function metricTable(model: ReportModel): string[] {
  const rows = model.metrics
    .filter((row) => row.primary)
    .flatMap((row) => {
      const format = rowFormat(row, percents);
      return row.cells.flatMap((cell, index) =>
        cell
          ? [
              [
                index === 0 ? `**${escapeMarkdown(format.label)}**` : '',
                escapeMarkdown(cell.arm),
                ...percents.map((percent) =>
                  formatPercentile(cell, percent, format).replace('*', String.raw`\*`),
                ),
                format.format(cell.max),
                formatCount(cell.n),
                row.best?.arm === cell.arm ? row.best.label : '',
              ],
            ]
          : [],
      );
    });
  if (rows.length === 0) return [];
  return [
    '### Percentiles',
    '',
    ...markdownTable(['metric', 'arm', ...percents.map(percentileName), 'max', 'n', ''], rows, 2),
    '',
    ...(model.hasWeakPercentiles ? [weakFootnote.replace('*', String.raw`\*`), ''] : []),
  ];
}

function armTable(table: ArmTable): string[] {
  return [
    `### ${escapeMarkdown(table.title)}`,
    '',
    ...markdownTable(
      table.headings,
      table.rows.map((row) => row.map(escapeMarkdown)),
    ),
    '',
    escapeMarkdown(table.note),
    '',
  ];
}

function totals(model: ReportModel): string[] {
  return [
    '### Totals',
    '',
    ...markdownTable(
      ['', ...model.arms.map((arm) => escapeMarkdown(arm.name))],
      [
        ...otherScalars(model).map((row) => [
          row.metric.title,
          ...row.values.map((value) => formatMetric(value, row.metric.unit)),
        ]),
        [
          'Outcomes of turns',
          ...model.arms.map((arm) =>
            arm.outcomes
              .map((view) => `${escapeMarkdown(view.outcome)} ${formatCount(view.count)}`)
              .join('<br>'),
          ),
        ],
      ],
    ),
    '',
  ];
}

function heatTables(model: ReportModel): string[] {
  return model.heatMaps.flatMap((map) => {
    const format = heatFormat(map);
    const unit = format.unit === '' ? '' : ` [${format.unit}]`;
    const oneAxis = map.rows.name === '';
    const columns = map.columns.values.map((value) =>
      escapeMarkdown(`${map.columns.name}=${value}`),
    );
    return [
      `### ${escapeMarkdown(`${map.measure}${unit} over ${axesInWords(map)}`)}`,
      '',
      ...markdownTable(
        oneAxis ? ['arm', ...columns] : [escapeMarkdown(map.rows.name), 'arm', ...columns],
        map.rows.values.flatMap((value, y) =>
          map.panels.map((panel, index) => [
            ...(oneAxis || index === 0 ? [escapeMarkdown(value)] : ['']),
            ...(oneAxis ? [] : [escapeMarkdown(panel.name)]),
            ...panel.cells[y]!.map((cell) => {
              const text = format.cell(cell).replace('*', String.raw`\*`);
              return cell.ahead ? `**${text}**` : text;
            }),
          ]),
        ),
        oneAxis ? 1 : 2,
      ),
      '',
      ...(map.hasAhead ? [`**Bold**: ${escapeMarkdown(aheadNote)}.`, ''] : []),
    ];
  });
}

function warningList(model: ReportModel): string[] {
  if (model.warnings.length === 0) return [];
  return [
    '### Warnings',
    '',
    ...model.warnings.map((warning) => {
      const notes = warning.notes.map(({ arms, message }) =>
        escapeMarkdown(
          arms.length === 0 ? message : `${message} (${armNames(arms, model.arms.length)})`,
        ),
      );
      return `- **${warning.code}**: ${notes.join('; ')}. *Remedy:* ${escapeMarkdown(warning.remedy)}`;
    }),
    '',
  ];
}

function renderMarkdown(model: ReportModel): string {
  const { verdict } = model;
  const shown = featuredModel(model);
  const note = featuredNote(model);
  const lines = [
    `## ${signs[verdict.tone]} ${verdict.word}${verdict.partial ? ' (partial)' : ''}: ${escapeMarkdown(model.title)}`,
    '',
    `${escapeMarkdown(verdict.sentence)}.`,
    '',
    ...verdict.reasons.map((reason) => `- ${escapeMarkdown(reason)}`),
    ...(verdict.reasons.length > 0 ? [''] : []),
    ...gateTable(model),
    ...heatTables(model),
    ...(note === undefined ? [] : [escapeMarkdown(note), '']),
    ...metricTable(shown),
    ...armTables(shown).flatMap(armTable),
    ...totals(shown),
    ...warningList(model),
    '<details><summary>Provenance</summary>',
    '',
    ...model.arms.map(
      (arm) =>
        `- ${escapeMarkdown(arm.name)}: ${escapeMarkdown(`${arm.how}; ${arm.load}; network ${arm.network}${arm.client === '' ? '' : `; ${arm.client}`}`)}`,
    ),
    `- scenario ${escapeMarkdown(model.scenarioFile)} (sha256 ${model.scenarioHash.slice(0, 12)}), seed ${escapeMarkdown(model.seed)}, streamgauge ${model.toolVersion}`,
    ...model.environment.map(([label, value]) => `- ${label}: ${escapeMarkdown(value)}`),
    '',
    '</details>',
  ];
  return `${lines.join('\n')}\n`;
}

export const markdownRenderer = {
  name: 'markdown',
  description: 'for pull requests and CI step summaries',
  render: (model) => [{ name: 'report.md', text: renderMarkdown(model) }],
} as const satisfies Renderer;
