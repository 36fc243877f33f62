/** The diagnosis itself, checked against its schema: what other programs read. */
import { diagnosisSchema } from '../../diagnose/diagnosis.ts';
import type { DiagnosisRenderer } from './renderer.ts';

/**
 * Round to what a clock of microseconds gives: sixteen digits suggest a precision that is not there.
 */
function rounded(_key: string, value: unknown): unknown {
  return typeof value === 'number' && !Number.isInteger(value)
    ? Math.round(value * 1000) / 1000
    : value;
}

export const diagnosisJson: DiagnosisRenderer = {
  description: 'the whole diagnosis for other programs, by schema/diagnosis.json',
  file: 'diagnosis.json',
  render: (diagnosis) => `${JSON.stringify(diagnosisSchema.parse(diagnosis), rounded, 2)}\n`,
};
