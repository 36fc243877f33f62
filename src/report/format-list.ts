// Generated from the files in src/report/formats/ by `npm run generate`; change those, not this list.
import { csvRenderer } from './formats/csv.ts';
import { hgrmRenderer } from './formats/hgrm.ts';
import { htmlRenderer } from './formats/html/html-report.ts';
import { jsonRenderer } from './formats/json.ts';
import { junitRenderer } from './formats/junit.ts';
import { markdownRenderer } from './formats/markdown.ts';
import { terminalRenderer } from './formats/terminal.ts';

export const formatRenderers = [
  csvRenderer,
  hgrmRenderer,
  htmlRenderer,
  jsonRenderer,
  junitRenderer,
  markdownRenderer,
  terminalRenderer,
] as const;
