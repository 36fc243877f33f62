/** Every report format by name. */
import { namedFormat } from './named-format.ts';
import type { Result } from '../result/schema.ts';
import { formatRenderers } from './format-list.ts';
import type { RenderedFile, Renderer, RenderOptions } from './renderer.ts';
import { buildReportModel } from './view/build-report-model.ts';

export type ReportFormat = (typeof formatRenderers)[number]['name'];

export const renderers = Object.fromEntries(
  formatRenderers.map((renderer) => [renderer.name, renderer]),
) as unknown as Readonly<Record<ReportFormat, Renderer>>;

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
export const reportFormats: readonly ReportFormat[] = formatRenderers.map(({ name }) => name);

/** @throws StreamgaugeError `unknown-format` (exit: usage). */
export function parseFormat(text: string): ReportFormat {
  return namedFormat(reportFormats, text, `report format "${text}"`);
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
  return renderers[format].render(buildReportModel(result), {
    width: options.width ?? 80,
    color: options.color ?? false,
    filesWritten: options.filesWritten ?? [],
  });
}
