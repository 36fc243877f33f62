/** The summary that a run ends with. Its parts are in `src/report/terminal/`. */
import type { Renderer } from '../renderer.ts';
import { terminalSummary } from '../terminal/summary.ts';

export const terminalRenderer = {
  name: 'terminal',
  description: 'verdict, gates, percentiles side by side, outcomes, warnings',
  render: (model, options) => [{ name: 'report.txt', text: terminalSummary(model, options) }],
} as const satisfies Renderer;
