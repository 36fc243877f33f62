/** Formats of a comparison. */
import { namedFormat } from '../named-format.ts';
import type { RenderOptions } from '../renderer.ts';
import { renderComparisonMarkdown } from './markdown.ts';
import type { ComparisonModel } from './comparison-model.ts';
import { renderComparisonTerminal } from './terminal.ts';

type Render = (model: ComparisonModel, options: Pick<RenderOptions, 'width' | 'color'>) => string;

const renderers = {
  terminal: renderComparisonTerminal,
  markdown: renderComparisonMarkdown,
  json: (model) => `${JSON.stringify({ comparison_version: 1, ...model }, null, 2)}\n`,
} as const satisfies Record<string, Render>;

export type ComparisonFormat = keyof typeof renderers;
export const comparisonFormats = Object.keys(renderers) as readonly ComparisonFormat[];

/** @throws StreamgaugeError `unknown-format` (exit: usage). */
export function parseComparisonFormat(text: string): ComparisonFormat {
  return namedFormat(comparisonFormats, text, `comparison format "${text}"`);
}

export function renderComparison(
  format: ComparisonFormat,
  model: ComparisonModel,
  options: Partial<Pick<RenderOptions, 'width' | 'color'>> = {},
): string {
  return renderers[format](model, {
    width: options.width ?? 80,
    color: options.color ?? false,
  });
}
