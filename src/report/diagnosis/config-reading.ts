/** A configuration that was read by itself, without asking anything of a URL. */
import type { ConfigReading } from '../../diagnose/diagnosis.ts';
import { StreamgaugeError } from '../../errors.ts';
import { readingMarkdown } from './markdown.ts';
import type { DiagnosisFormat } from './registry.ts';
import type { DiagnosisRenderOptions } from './renderer.ts';
import { readingTerminal } from './terminal.ts';

/** @throws StreamgaugeError `unknown-format` (exit: usage) for a format that draws arrivals. */
export function renderReading(
  format: DiagnosisFormat,
  reading: ConfigReading,
  options: DiagnosisRenderOptions,
): string {
  switch (format) {
    case 'terminal':
      return readingTerminal(reading, options);
    case 'markdown':
      return `${readingMarkdown(reading).join('\n').trimEnd()}\n`;
    case 'json':
      return `${JSON.stringify(reading, null, 2)}\n`;
    case 'html':
      throw new StreamgaugeError('a configuration alone makes no HTML page', {
        code: 'unknown-format',
        exit: 'usage',
        hints: ['terminal, json or markdown; or give a URL'],
      });
  }
}
