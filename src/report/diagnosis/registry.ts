/** Every format of a diagnosis. To add one: a file next to this one, and a line here. */
import type { Diagnosis } from '../../diagnose/diagnosis.ts';
import { namedFormat } from '../named-format.ts';
import { diagnosisHtml } from './html.ts';
import { diagnosisJson } from './json.ts';
import { diagnosisMarkdown } from './markdown.ts';
import type { DiagnosisRenderer, DiagnosisRenderOptions } from './renderer.ts';
import { diagnosisTerminal } from './terminal.ts';

export const diagnosisRenderers = {
  terminal: diagnosisTerminal,
  html: diagnosisHtml,
  json: diagnosisJson,
  markdown: diagnosisMarkdown,
} as const satisfies Record<string, DiagnosisRenderer>;

export type DiagnosisFormat = keyof typeof diagnosisRenderers;
export const diagnosisFormats = Object.keys(diagnosisRenderers) as readonly DiagnosisFormat[];

/** @throws StreamgaugeError `unknown-format` (exit: usage). */
export function parseDiagnosisFormat(text: string): DiagnosisFormat {
  return namedFormat(diagnosisFormats, text, `format "${text}" of a diagnosis`);
}

/** A diagnosis as text in one format, ending in a line end. */
export function renderDiagnosis(
  format: DiagnosisFormat,
  diagnosis: Diagnosis,
  options: Partial<DiagnosisRenderOptions> = {},
): string {
  return diagnosisRenderers[format].render(diagnosis, {
    width: options.width ?? 80,
    color: options.color ?? false,
  });
}
