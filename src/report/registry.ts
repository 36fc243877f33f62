/** Every report format. To add one: a file beside this one, and a line here. */
import { StreamgaugeError } from '../errors.ts';
import type { Result } from '../result/schema.ts';
import { csvRenderer } from './formats/csv.ts';
import { hgrmRenderer } from './formats/hgrm.ts';
import { htmlRenderer } from './formats/html/document.ts';
import { jsonRenderer } from './formats/json.ts';
import { junitRenderer } from './formats/junit.ts';
import { markdownRenderer } from './formats/markdown.ts';
import { buildModel } from './view/model.ts';
import type { RenderedFile, Renderer, RenderOptions } from './renderer.ts';
import { terminalRenderer } from './terminal/terminal.ts';

export const renderers = {
  terminal: terminalRenderer,
  html: htmlRenderer,
  json: jsonRenderer,
  csv: csvRenderer,
  markdown: markdownRenderer,
  junit: junitRenderer,
  hgrm: hgrmRenderer,
} as const satisfies Record<string, Renderer>;

export type ReportFormat = keyof typeof renderers;
/**
 * The formats of {@link renderReport}, by name.
 *
 * @example
 * ```js
 * import { reportFormats } from 'streamgauge';
 *
 * console.log(reportFormats.join(', '));
 * ```
 */
export const reportFormats = Object.keys(renderers) as readonly ReportFormat[];

/** @throws StreamgaugeError `unknown-format` (exit: usage). */
export function parseFormat(text: string): ReportFormat {
  const known = reportFormats.find((format) => format === text);
  if (known) return known;
  throw new StreamgaugeError(`unknown report format "${text}"`, {
    code: 'unknown-format',
    exit: 'usage',
    hints: [`known formats: ${reportFormats.join(', ')}`],
  });
}

/**
 * Renders a result in one format; nothing is written to disk. A format may make several files.
 *
 * @example
 * ```js
 * import { renderReport, runScenario } from 'streamgauge';
 *
 * const result = await runScenario({
 *   target: 'mock',
 *   load: { kind: 'closed', sessions: 2, duration: '1s' },
 *   prompt: 'Hello',
 *   max_tokens: 8,
 * });
 * for (const { name, text } of renderReport('markdown', result)) console.log(name, text.length);
 * ```
 */
export function renderReport(
  format: ReportFormat,
  result: Result,
  options: Partial<RenderOptions> = {},
): RenderedFile[] {
  return renderers[format].render(buildModel(result), {
    width: options.width ?? 80,
    color: options.color ?? false,
    filesWritten: options.filesWritten ?? [],
  });
}
