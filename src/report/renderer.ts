/**
 * The seam between the view model and its formats. A format is a file or folder in `formats/` that
 * exports `<name>Renderer`; `npm run generate` lists them in `format-list.ts`.
 */
import type { ReportModel } from './view/report-model.ts';

export interface RenderOptions {
  /** Columns of the terminal; other formats ignore it. */
  width: number;
  /** ANSI colours in the terminal format. */
  color: boolean;
  /** Files written so far, listed at the end of the terminal format. */
  filesWritten: readonly string[];
}

export interface RenderedFile {
  /** Suggested file name, without a directory. */
  name: string;
  text: string;
}

export interface Renderer {
  /** As users write it: `--format csv`. */
  name: string;
  /** One line for `--help` and the docs. */
  description: string;
  /** One file, except for formats that hold only one distribution per file. */
  render(model: ReportModel, options: RenderOptions): RenderedFile[];
}
