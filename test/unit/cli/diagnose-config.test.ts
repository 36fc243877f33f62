import { afterEach, describe, expect, test } from 'vitest';
import { diagnoseCommand } from '../../../src/cli/commands/diagnose.ts';
import { memoryWorld, type MemoryWorld } from '../../helpers/memory-world.ts';
import { inLocation } from '../../helpers/nginx-config.ts';

const old = ['--nginx-version', '1.22.1'];

async function diagnose(args: string[], files: Record<string, string>): Promise<MemoryWorld> {
  const world = memoryWorld({ files });
  await diagnoseCommand(world).exitOverride().parseAsync(args, { from: 'user' });
  return world;
}

afterEach(() => {
  process.exitCode = undefined;
});

describe('diagnose --config without a URL', () => {
  test('names the line, and exits as a check should', async () => {
    const world = await diagnose(['--config', 'nginx.conf', ...old], {
      'nginx.conf': inLocation(''),
    });
    expect(process.exitCode).toBe(99);
    expect(world.out()).toMatchInlineSnapshot(`
      "Configuration /work-folder/nginx.conf: buffers
        location / of the server of line 3 (/work-folder/nginx.conf:6) holds a stream
        back: events wait until a buffer is full (4,096 bytes at a time) or the answer
        ends.
        ✗ cause  /work-folder/nginx.conf:6:7
            proxy_pass http://127.0.0.1:9;
          proxy_buffering is not written here and on by default, and
          proxy_http_version is 1.0 by default in this nginx, whose answers have no
          chunks: nothing is sent before a buffer is full, 4,096 bytes at a time
          → proxy_http_version 1.1; proxy_buffering off;
        ~ note  /work-folder/nginx.conf:6:7
            proxy_pass http://127.0.0.1:9;
          proxy_read_timeout is 60s by default: a stream that is silent for longer is
          cut, though its status was 200; events that a buffer holds are lost with it
          → proxy_read_timeout 1h;
      "
    `);
  });

  test.each([
    [inLocation('proxy_buffering off;'), [], 0],
    [inLocation(''), ['--nginx-version', '1.31.5'], 0],
    [inLocation(''), [], 97],
    ['events {}', [], 97],
  ])('exit code of %j %j: %i', async (text, args, code) => {
    await diagnose(['--config', 'nginx.conf', ...args], { 'nginx.conf': text });
    expect(process.exitCode).toBe(code);
  });

  test('--location chooses', async () => {
    const text = `http { server {
      location /a { proxy_pass http://x; }
      location /b { proxy_pass http://x; proxy_buffering off; } } }`;
    await diagnose(['--config', 'n', ...old, '--location', '/b/c'], { n: text });
    expect(process.exitCode).toBe(0);
  });

  test('includes come from the file system', async () => {
    await diagnose(['--config', 'etc/nginx.conf', ...old], {
      'etc/nginx.conf': 'http { include conf.d/*.conf; }',
      'etc/conf.d/a.conf': 'server { location / { proxy_pass http://x; } }',
    });
    expect(process.exitCode).toBe(99);
  });

  test('JSON and Markdown', async () => {
    const files = { 'nginx.conf': inLocation('') };
    const json = await diagnose(['--config', 'nginx.conf', ...old, '--format', 'json'], files);
    expect(JSON.parse(json.out())).toMatchObject({
      verdict: 'buffers',
      findings: [{ line: 6 }, {}],
    });
    const markdown = await diagnose(
      ['--config', 'nginx.conf', ...old, '--format', 'markdown'],
      files,
    );
    expect(markdown.out()).toContain('| ✗ **cause** | `/work-folder/nginx.conf:6:7` |');
  });

  test.each([
    [[], 'needs a URL'],
    [['--config', 'none'], 'cannot read'],
    [['--config', 'nginx.conf', '--format', 'html'], 'no HTML page'],
    [['--config', 'nginx.conf', '--out', 'x'], 'goes to stdout'],
    [['--config', 'broken.conf'], 'is not ended with'],
    [['http://127.0.0.1:9/', '--location', '/x'], '--location is for'],
    [['http://127.0.0.1:9/', '--nginx-version', '1.2.3'], '--nginx-version is for'],
  ])('%j: %s', async (args, message) => {
    const files = { 'nginx.conf': inLocation(''), 'broken.conf': 'http {\n gzip on\n}' };
    await expect(diagnose(args, files)).rejects.toThrow(message);
  });
});
