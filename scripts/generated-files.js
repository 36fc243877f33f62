// @ts-check
/** Which files are made from the code, and from what. Writes nothing, so that a test can compare them. */
import path from 'node:path';
import { layerRules } from './layers.js';
import { memberLists } from './member-lists.js';
import { commandsPage } from './pages/commands.js';
import { exitCodesPage } from './pages/exit-codes.js';
import { faultsPage } from './pages/faults.js';
import { libraryPage } from './pages/library.js';
import { metricsPage } from './pages/metrics.js';
import { scenarioPage } from './pages/scenario.js';

/**
 * @typedef {object} Sources
 * @property {Readonly<Record<string, { code: number; meaning: string }>>} exitCodes
 * @property {readonly import('../src/metric/definition.ts').MetricDefinition[]} metrics
 * @property {import('./pages/metrics.js').OutcomeTable} outcomes
 * @property {import('./pages/metrics.js').IsSuccess} isSuccess
 * @property {import('commander').Command} program
 * @property {readonly import('../src/fault/registry.ts').FaultReference[]} faults
 * @property {Readonly<Record<string, import('../src/fault/network/profiles.ts').NetworkProfile>>} networkProfiles
 * @property {readonly import('./pages/scenario.js').DialectReference[]} dialects
 * @property {readonly import('./pages/library.js').LibraryEntry[]} library
 * @property {(name: 'scenario' | 'result' | 'diagnosis') => object} jsonSchemaOf
 */

/**
 * The text of each generated file by its path from the project's root.
 *
 * @param {Sources} sources
 * @returns {Record<string, string>}
 */
export function generatedFiles({
  exitCodes,
  metrics,
  outcomes,
  isSuccess,
  program,
  faults,
  networkProfiles,
  dialects,
  library,
  jsonSchemaOf,
}) {
  return {
    ...memberLists(path.resolve(import.meta.dirname, '..')),
    'docs/reference/metrics.md': metricsPage(metrics, outcomes, isSuccess, dialects),
    'docs/reference/exit-codes.md': exitCodesPage(exitCodes),
    'docs/reference/commands.md': commandsPage(program),
    'docs/reference/faults.md': faultsPage(faults, networkProfiles),
    'docs/reference/library.md': libraryPage(library),
    'docs/reference/scenario.md': scenarioPage(jsonSchemaOf('scenario'), dialects),
    'schema/scenario.json': json(jsonSchemaOf('scenario')),
    'schema/result.json': json(jsonSchemaOf('result')),
    'schema/diagnosis.json': json(jsonSchemaOf('diagnosis')),
    '.oxlint-layers.json': json(layerRules()),
  };
}

/** @param {object} value */
function json(value) {
  return `${JSON.stringify(value, null, 2)}\n`;
}
