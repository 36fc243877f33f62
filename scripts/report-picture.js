// @ts-check
/**
 * Takes the pictures in the README: the top of a report, or one of its sections.
 *
 * node scripts/report-picture.js REPORT.html docs/images/report.png
 * node scripts/report-picture.js REPORT.html docs/images/waterfall.png waterfalls
 */
import fs from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

import { findChromium, withPage } from './browser.js';

const width = 1180;
/** Down to the end of the cards. */
const height = 800;

const [report, picture, section] = process.argv.slice(2);
const program = findChromium();
if (!report || !picture || !program) {
  process.stderr.write(
    'usage: node scripts/report-picture.js REPORT.html PICTURE.png [SECTION] (needs Chromium)\n',
  );
  process.exit(2);
}
const address = pathToFileURL(path.resolve(report)).href;
const data = await withPage(program, async (page) => {
  const loaded = new Promise((resolve) => page.on('Page.loadEventFired', () => resolve(undefined)));
  await page.send('Page.enable');
  const size = { width, height, deviceScaleFactor: 1, mobile: false };
  await page.send('Emulation.setDeviceMetricsOverride', size);
  await page.send('Emulation.setEmulatedMedia', {
    features: [{ name: 'prefers-color-scheme', value: 'light' }],
  });
  await page.send('Page.navigate', { url: address });
  await loaded;
  const shot = await page.send('Page.captureScreenshot', {
    captureBeyondViewport: section !== undefined,
    ...(section === undefined ? {} : { clip: { ...(await boxOf(page, section)), scale: 1 } }),
  });
  return /** @type {string} */ (shot.data);
});
fs.mkdirSync(path.dirname(picture), { recursive: true });
fs.writeFileSync(picture, Buffer.from(data, 'base64'));

/**
 * Where a section of the report is on the page.
 *
 * @param {import('./browser.js').Page} page
 * @param {string} id
 */
async function boxOf(page, id) {
  const { root } = await page.send('DOM.getDocument');
  const selector = `section#${id}`;
  const { nodeId } = await page.send('DOM.querySelector', { nodeId: root.nodeId, selector });
  const { model } = await page.send('DOM.getBoxModel', { nodeId });
  const [x, y] = model.margin;
  return { x, y, width: model.width, height: model.height };
}
