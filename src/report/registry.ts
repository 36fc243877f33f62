/** Every report format by name. */
import { StreamgaugeError } from '../errors.ts';
import type { Result } from '../result/schema.ts';
import { formatRenderers } from './format-list.ts';
import type { RenderedFile, Renderer, RenderOptions } from './renderer.ts';
import { buildReportModel } from './view/build-report-model.ts';

export type ReportFormat = (typeof formatRenderers)[number]['name'];

export const renderers = Object.fromEntries(
  formatRenderers.map((renderer) => [renderer.name, renderer]),
) as unknown as Readonly<Record<ReportFormat, Renderer>>;

export const reportFormats: readonly ReportFormat[] = formatRenderers.map(({ name }) => name);

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

/** Renders a result in one format. */
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
