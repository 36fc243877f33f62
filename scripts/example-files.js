// @ts-check
/** Which example reports there are, and from what. Pure, so that a test can compare them. */

/**
 * @typedef {import('../src/result/schema.ts').Result} Result
 * @typedef {object} Sources
 * @property {typeof import('../src/report/registry.ts').reportFormats} reportFormats
 * @property {typeof import('../src/report/registry.ts').renderReport} renderReport
 * @property {typeof import('../src/report/compare/comparison-model.ts').compareResults} compareResults
 * @property {typeof import('../src/report/compare/registry.ts').renderComparison} renderComparison
 */

/** Where the stored results and the reports made from them are. */
export const exampleFolder = 'reports/example';

/** Two of the histograms show the format as well as sixty would. */
const shownCurves = /\.(?:ttft|itl)\.hgrm$/;

/**
 * The text of each example by its path from the project's root.
 *
 * @param {Sources} sources
 * @param {Result} result - reports are made from it
 * @param {Result} other - compared with it
 * @returns {Record<string, string>}
 */
export function exampleFiles(sources, result, other) {
  /** @type {Record<string, string>} */
  const files = {};
  for (const format of sources.reportFormats) {
    const options = { width: 80, filesWritten: [`${exampleFolder}/result.json`] };
    for (const { name, text } of sources.renderReport(format, result, options)) {
      if (format === 'hgrm' && !shownCurves.test(name)) continue;
      files[`${exampleFolder}/${format === 'hgrm' ? 'hgrm/' : ''}${name}`] = text;
    }
  }
  const comparison = sources.compareResults([
    { file: 'result.json', result },
    { file: 'other-result.json', result: other },
  ]);
  files[`${exampleFolder}/compare.txt`] = sources.renderComparison('terminal', comparison);
  files[`${exampleFolder}/compare.md`] = sources.renderComparison('markdown', comparison);
  files[`${exampleFolder}/compare.json`] = sources.renderComparison('json', comparison);
  return files;
}
