/** The seam between a diagnosis and its formats: one file per format, listed in `registry.ts`. */
import type { Diagnosis } from '../../diagnose/diagnosis.ts';

export interface DiagnosisRenderOptions {
  /** Columns of the terminal; other formats ignore it. */
  width: number;
  /** ANSI colours in the terminal format. */
  color: boolean;
}

export interface DiagnosisRenderer {
  /** One line for `--help` and the docs. */
  description: string;
  /** What a file of this format is called, without a directory. */
  file: string;
  render(diagnosis: Diagnosis, options: DiagnosisRenderOptions): string;
}
