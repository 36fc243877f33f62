/** What is read from a configuration is what the installed nginx does with a stream. */
import { spawnSync } from 'node:child_process';
import * as http from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it } from 'vitest';
import { findProgram } from '../../src/proxy/real/find-program.ts';
import { whyMissing } from '../../src/proxy/real/registry.ts';
import { startRealProxy } from '../../src/proxy/real/start.ts';
import { inLocation, readText } from '../helpers/nginx-config.ts';
import { nginx122, type NginxRow } from '../helpers/nginx-matrix.ts';

const missing = whyMissing('nginx');
const program = findProgram(['nginx']);
const title = missing ? ` (skipped: ${missing})` : '';

/** 30 events of 200 bytes, 20 ms apart, with headers as a row has them. */
async function burstsOf(row: NginxRow): Promise<number> {
  const everyMs = 20;
  const server = http.createServer((_, response) => {
    const chosen = Object.entries(row.headers ?? {}).map(([name, value]) =>
      name === 'content-length' ? [name, '6000'] : [name, value],
    );
    response.writeHead(200, { 'content-type': 'text/event-stream', ...Object.fromEntries(chosen) });
    let sent = 0;
    const timer = setInterval(() => {
      sent += 1;
      response.write(`data: ${String(sent).padStart(192, '0')}\n\n`);
      if (sent < 30) return;
      clearInterval(timer);
      response.end();
    }, everyMs);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const settings = row.lines.split(/(?<=;)\s+/).filter((line) => line !== '');
  const proxy = await startRealProxy({
    kind: 'nginx',
    settings,
    target: { host: '127.0.0.1', port },
  });
  try {
    return await new Promise((resolve, reject) => {
      const headers = { 'accept-encoding': 'gzip' };
      const request = http.get({ host: '127.0.0.1', port: proxy.port, headers }, (response) => {
        let bursts = 0;
        let last = Number.NEGATIVE_INFINITY;
        response.on('data', () => {
          const now = performance.now();
          if (now - last > everyMs / 2) bursts += 1;
          last = now;
        });
        response.on('end', () => resolve(bursts));
        response.on('error', reject);
      });
      request.on('error', reject);
    });
  } finally {
    await proxy.close();
    server.closeAllConnections();
    server.close();
  }
}

describe.skipIf(missing !== undefined)(
  `what is read is what the installed nginx does${title}`,
  () => {
    // A cache needs a line outside of the location; its rows are in the measured table.
    const rows = nginx122.filter(({ lines }) => !lines.includes('proxy_cache '));
    const printed = program ? spawnSync(program, ['-v'], { encoding: 'utf8' }).stderr : '';

    it.each(rows)('$name', { timeout: 60_000 }, async (row) => {
      const { lines, headers } = row;
      const reading = readText(inLocation(lines), {
        nginxVersion: printed,
        ...(headers === undefined ? {} : { targetHeaders: headers }),
      });
      const bursts = await burstsOf(row);
      // 6,000 bytes in 30 events: two or three buffers of 4,096, six of 1,024, or nearly each event by itself.
      if (reading.verdict === 'streams') expect(bursts).toBeGreaterThanOrEqual(15);
      else expect(bursts).toBeLessThanOrEqual(10);
    });
  },
);
