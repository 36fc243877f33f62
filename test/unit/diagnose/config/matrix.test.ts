/**
 * What a real nginx 1.22.1 and 1.31.5 did to a stream of 200 tokens of 200 bytes, row by row, against what
 * is read from the configuration: `buffers` where tokens came in bursts or at the end, `streams` where
 * each came by itself.
 */
import { describe, expect, test } from 'vitest';
import { inLocation, readText } from '../../../helpers/nginx-config.ts';
import { nginx122, nginx131 } from '../../../helpers/nginx-matrix.ts';

describe.each([
  ['1.22.1', nginx122],
  ['1.31.5', nginx131],
] as const)('nginx %s', (nginxVersion, rows) => {
  test.each(rows)('$name: $verdict', ({ lines, headers, size, verdict }) => {
    const known =
      headers === undefined ? { nginxVersion } : { nginxVersion, targetHeaders: headers };
    const reading = readText(inLocation(lines), known);
    expect(reading.verdict, JSON.stringify(reading, null, 1)).toBe(verdict);
    const causes = reading.findings.filter(({ severity }) => severity === 'cause');
    if (verdict === 'buffers') expect(causes.length).toBeGreaterThan(0);
    else expect(causes).toEqual([]);
    if (size !== undefined) expect(reading.summary).toContain(size);
  });
});

test.each([
  ['fastcgi_pass 127.0.0.1:9000;', 'buffers'],
  ['fastcgi_pass 127.0.0.1:9000; fastcgi_buffering off;', 'streams'],
  ['uwsgi_pass 127.0.0.1:9000;', 'buffers'],
  ['uwsgi_pass 127.0.0.1:9000; uwsgi_buffering off;', 'streams'],
  ['scgi_pass 127.0.0.1:9000;', 'buffers'],
  ['grpc_pass grpc://127.0.0.1:9000;', 'streams'],
  ['proxy_pass http://x; fastcgi_buffering off;', 'buffers'],
])('%s: %s', (lines, verdict) => {
  const text = `http { server { location / { ${lines} } } }`;
  expect(readText(text, { nginxVersion: '1.22.1' }).verdict).toBe(verdict);
});
