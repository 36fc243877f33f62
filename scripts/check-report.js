// @ts-check
/**
 * Opens an HTML report in headless Chromium and fails when it is not what it promises: it asks
 * nothing of the network, writes no error to the console, fits the window's width, and draws its
 * charts also where JavaScript is off. It takes screenshots, light and dark, narrow and wide.
 *
 * node scripts/check-report.js REPORT.html FOLDER-FOR-SCREENSHOTS
 */
import fs from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

import { findChromium, withPage } from './browser.js';

const [report, folder] = process.argv.slice(2);
if (!report || !folder) {
  process.stderr.write('usage: node scripts/check-report.js REPORT.html FOLDER\n');
  process.exit(2);
}
const program = findChromium();
if (!program) {
  process.stderr.write('no Chromium found; install it, or name it in CHROMIUM\n');
  process.exit(2);
}

const views = ['light', 'dark'].flatMap((scheme) =>
  [1280, 390].map((width) => ({ scheme, width, script: true })),
);
/** @type {string[]} */
const problems = [];
const address = pathToFileURL(path.resolve(report)).href;
fs.mkdirSync(folder, { recursive: true });

for (const view of [...views, { scheme: 'light', width: 1280, script: false }]) {
  const name = `${view.scheme}-${view.width}${view.script ? '' : '-no-script'}`;
  await withPage(program, (page) => look(page, view, name));
}
for (const problem of problems) process.stderr.write(`${problem}\n`);
if (problems.length > 0) process.exitCode = 1;

/**
 * @param {import('./browser.js').Page} page
 * @param {{ scheme: string; width: number; script: boolean }} view
 * @param {string} name
 */
async function look(page, { scheme, width, script }, name) {
  const complain = (/** @type {string} */ what) => problems.push(`${name}: ${what}`);
  page.on('Network.requestWillBeSent', ({ request }) => {
    if (!/^(file|data|blob|about):/.test(request.url)) complain(`asks for ${request.url}`);
  });
  page.on('Runtime.exceptionThrown', ({ exceptionDetails }) =>
    complain(exceptionDetails.exception?.description ?? exceptionDetails.text),
  );
  page.on('Runtime.consoleAPICalled', ({ type, args }) => {
    if (type === 'error' || type === 'warning') complain(`console.${type}: ${args[0]?.value}`);
  });
  page.on('Log.entryAdded', ({ entry }) => {
    if (entry.level === 'error' || entry.level === 'warning') complain(`log: ${entry.text}`);
  });
  const loaded = new Promise((resolve) => page.on('Page.loadEventFired', () => resolve(undefined)));
  for (const domain of ['Network', 'Runtime', 'Log', 'Page']) await page.send(`${domain}.enable`);
  await page.send('Emulation.setScriptExecutionDisabled', { value: !script });
  await page.send('Emulation.setDeviceMetricsOverride', {
    width,
    height: 900,
    deviceScaleFactor: 1,
    mobile: false,
  });
  await page.send('Emulation.setEmulatedMedia', {
    features: [{ name: 'prefers-color-scheme', value: scheme }],
  });
  await page.send('Page.navigate', { url: address });
  await loaded;

  const { cssContentSize } = await page.send('Page.getLayoutMetrics');
  if (cssContentSize.width > width + 1) {
    complain(`is ${cssContentSize.width} px wide in a window of ${width} px`);
  }
  const { root } = await page.send('DOM.getDocument');
  const drawn = await page.send('DOM.querySelectorAll', { nodeId: root.nodeId, selector: 'svg' });
  if (drawn.nodeIds.length === 0) complain('shows no chart');
  const { data } = await page.send('Page.captureScreenshot', { captureBeyondViewport: true });
  fs.writeFileSync(path.join(String(folder), `${name}.png`), Buffer.from(data, 'base64'));
}
