// @ts-check
/**
 * Takes the picture in the README: the top of the example report.
 *
 * node scripts/report-picture.js reports/example/report.html docs/images/report.png
 */
import fs from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

import { findChromium, withPage } from './browser.js';

const width = 1180;
const height = 1290;

const [report, picture] = process.argv.slice(2);
const program = findChromium();
if (!report || !picture || !program) {
  process.stderr.write(
    'usage: node scripts/report-picture.js REPORT.html PICTURE.png (Chromium)\n',
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
  const shot = await page.send('Page.captureScreenshot', { format: 'png' });
  return /** @type {string} */ (shot.data);
});
fs.mkdirSync(path.dirname(picture), { recursive: true });
fs.writeFileSync(picture, Buffer.from(data, 'base64'));
