// @ts-check
/** Which files are made from the code, and from what. Pure, so that a test can compare them. */
import { layerRules } from './layers.js';
import { commandsPage } from './pages/commands.js';
import { exitCodesPage } from './pages/exit-codes.js';
import { metricsPage } from './pages/metrics.js';

/**
 * @typedef {object} Sources
 * @property {Readonly<Record<string, { code: number; meaning: string }>>} exitCodes
 * @property {readonly import('../src/metric/catalogue.ts').MetricDefinition[]} metrics
 * @property {import('./pages/metrics.js').OutcomeTable} outcomes
 * @property {import('./pages/metrics.js').IsSuccess} isSuccess
 * @property {import('commander').Command} program
 */

/**
 * The text of each generated file by its path from the project's root.
 *
 * @param {Sources} sources
 * @returns {Record<string, string>}
 */
export function generatedFiles({ exitCodes, metrics, outcomes, isSuccess, program }) {
  return {
    'docs/reference/metrics.md': metricsPage(metrics, outcomes, isSuccess),
    'docs/reference/exit-codes.md': exitCodesPage(exitCodes),
    'docs/reference/commands.md': commandsPage(program),
    '.oxlint-layers.json': `${JSON.stringify(layerRules(), null, 2)}\n`,
  };
}
