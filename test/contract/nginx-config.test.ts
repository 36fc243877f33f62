/**
 * The reading of nginx configurations against nginx itself: which files it includes, which server and which
 * location answer. Whether it buffers is judged in test/timing/nginx-config.test.ts.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import * as http from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { chooseLocation, normalizePath } from '../../src/diagnose/config/choose-location.ts';
import { chooseServer } from '../../src/diagnose/config/choose-server.ts';
import { readWholeConfig } from '../../src/diagnose/config/files.ts';
import { parseNginx, type Directive } from '../../src/diagnose/config/syntax.ts';
import { findProgram } from '../../src/proxy/real/find-program.ts';
import { whyMissing } from '../../src/proxy/real/registry.ts';
import { startRealProxy } from '../../src/proxy/real/start.ts';
import { realWorld } from '../../src/world.ts';

const missing = whyMissing('nginx');
const title = missing === undefined ? '' : ` (skipped: ${missing})`;
const program = findProgram(['nginx']);
const folder = mkdtempSync(join(tmpdir(), 'streamgauge-nginx-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Names, arguments and places, flat, in order. */
function flat(directives: readonly Directive[]): string[] {
  return directives.flatMap(({ name, args, file, line, column, children }) => [
    [file, line, column, name, ...args].join(' '),
    ...flat(children ?? []),
  ]);
}

describe.skipIf(missing !== undefined)(`included files${title}`, () => {
  const files: Record<string, string> = {
    'nginx.conf': `pid ${folder}/nginx.pid; error_log stderr;
events { }
http {
  include mime.types;
  include conf.d/*.conf;
  include ${folder}/sites/[ab]?.conf;
  include none/*.conf;
  server { listen 127.0.0.1:18080; include snippets/proxy.conf; }
}
`,
    'mime.types': 'types {\n  text/html html htm;\n  text/event-stream sse;\n}\n',
    'conf.d/20-b.conf': 'proxy_http_version 1.1;\n',
    'conf.d/10-a.conf': '# nothing\nproxy_buffering off; # here\n',
    'conf.d/.hidden.conf': 'not { read',
    'conf.d/other.txt': 'not { read',
    'sites/a1.conf': `server { listen 127.0.0.1:18081; server_name "a.example"; location ~ "^/x{2}" { return 200 'a;b'; } }\n`,
    'sites/c1.conf': 'not { read',
    'snippets/proxy.conf': 'location / {\n  include snippets/deep.conf;\n}\n',
    'snippets/deep.conf': 'proxy_pass http://127.0.0.1:9;\nproxy_set_header X "a \\"b\\" $host";\n',
  };
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(join(folder, name, '..'), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  const main = join(folder, 'nginx.conf');

  it('are those that nginx -T prints, with the same directives at the same places', () => {
    const printed = spawnSync(program!, ['-T', '-c', main], { encoding: 'utf8' });
    expect(printed.status, printed.stderr).toBe(0);
    const dump = join(folder, 'dump.conf');
    writeFileSync(dump, printed.stdout);
    const own = readWholeConfig(main, realWorld().files);
    const dumped = readWholeConfig(dump, realWorld().files);
    expect(own.missing).toEqual([]);
    expect(flat(own.directives)).toEqual(flat(dumped.directives));
    const read = new Set(flat(own.directives).map((line) => line.split(' ')[0]));
    const told = [...printed.stdout.matchAll(/^# configuration file (\S+):$/gm)].map((m) => m[1]);
    // Files that hold only includes or comments have no directive themselves.
    for (const file of read) expect(told).toContain(file);
    expect(read.size).toBe(told.length);
  });

  it.each([
    ['http {\n  server {\n    listen 18080\n  }\n}\n', 4],
    ['http { server { } } }\n', 1],
    ['http {\n server {\n', 3],
  ])('a syntax error is one for nginx too: %j', (text, line) => {
    const file = join(folder, 'broken.conf');
    writeFileSync(file, `events { }\n${text}`);
    const real = spawnSync(program!, ['-t', '-c', file], { encoding: 'utf8' });
    expect(real.status).not.toBe(0);
    expect(real.stderr).toContain(`broken.conf:`);
    expect(line).toBeGreaterThan(0);
    expect(() => parseNginx(readFileSync(file, 'utf8'), file)).toThrow();
  });
});

function ask(port: number, host: string, path: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const request = http.request(
      { host: '127.0.0.1', port, path, headers: { host } },
      (response) => {
        let body = '';
        response.setEncoding('utf8');
        response.on('data', (part: string) => (body += part));
        response.on('end', () =>
          resolve(response.statusCode === 200 ? body : `${response.statusCode}`),
        );
      },
    );
    request.on('error', reject);
    request.end();
  });
}

/** Each answers with its own name. */
const locations = `
  location / { return 200 root; }
  location = /exact { return 200 exact; }
  location /v1 { return 200 v1;
    location /v1/chat { return 200 v1-chat; }
    location ~ \\.json$ { return 200 v1-json; }
  }
  location /v1/models/ { return 200 models; }
  location ^~ /static/ { return 200 static;
    location ~ deep { return 200 static-deep; }
  }
  location ^~/glued { return 200 glued; }
  location ~ \\.php$ { return 200 php; }
  location ~* \\.(gif|PNG)$ { return 200 image; }
  location ~ ^/v1/chat/(?<id>\\d+)$ { return 200 chat-id; }
  location "/with space" { return 200 space; }
  location /outer/ { return 200 outer;
    location ^~ /outer/in/ { return 200 inner; }
  }
`;
const servers = `
  server { listen 127.0.0.1:{{port}}; server_name first; location / { return 200 first; } }
  server { listen 127.0.0.1:{{port}} default_server; server_name _; ${locations} }
  server { listen 127.0.0.1:{{port}}; server_name api.example.com .dot.test; location / { return 200 exact-name; } }
  server { listen 127.0.0.1:{{port}}; server_name *.example.com; location / { return 200 leading; } }
  server { listen 127.0.0.1:{{port}}; server_name *.deep.example.com; location / { return 200 leading-longer; } }
  server { listen 127.0.0.1:{{port}}; server_name www.example.*; location / { return 200 trailing; } }
  server { listen 127.0.0.1:{{port}}; server_name ~^db\\d+\\. ~^any; location / { return 200 pattern; } }
`;
const config = `daemon off; master_process off; pid {{dir}}/nginx.pid; error_log stderr error;
events { }
http { access_log off; default_type text/plain; ${['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((name) => `${name}_temp_path {{dir}}/${name};`).join(' ')}
${servers}
}
`;

describe.skipIf(missing !== undefined)(`what answers${title}`, () => {
  const paths = `
    / /exact /exact/ /v1 /v1x /v1/chat /v1/chat/7
    /v1/chat/x /v1/a.json /v1/chat/a.json /v1/models/ /v1/models/a.php /static/a.php /static/deep/a.php
    /glued/a.php /a.php /a.PHP /a.png /a.GIF /with%20space/x /outer/in/a.php
    /outer/a.php /v1//chat/7 /x/../v1/chat/7 /%76%31/chat/7 /v1/./chat/7 /v1/chat/.. /static/../a.php
    //v1 /a/b/../../v1/ /nothing
  `
    .trim()
    .split(/\s+/);
  const hosts = `
    first FIRST api.example.com dot.test a.dot.test a.example.com example.com
    a.deep.example.com deep.example.com www.example.org www.example.com db12.x anything unknown
    127.0.0.1
  `
    .trim()
    .split(/\s+/);

  it('is what is read from the configuration', { timeout: 60_000 }, async () => {
    const proxy = await startRealProxy({
      kind: 'nginx',
      config,
      target: { host: '127.0.0.1', port: 9 },
    });
    try {
      const tree = parseNginx(proxy.config, 'nginx.conf');
      const blocks = tree
        .find(({ name }) => name === 'http')!
        .children!.filter(({ name }) => name === 'server');
      const expected = (host: string, path: string): string => {
        const { server } = chooseServer(blocks, host.toLowerCase(), proxy.port)!;
        const innermost = chooseLocation(server, normalizePath(path)).at(-1);
        return innermost?.children?.find(({ name }) => name === 'return')?.args[1] ?? '404';
      };
      for (const path of paths) {
        expect([path, expected('unknown', path)]).toEqual([
          path,
          await ask(proxy.port, 'unknown', path),
        ]);
      }
      for (const host of hosts) {
        expect([host, expected(host, '/')]).toEqual([host, await ask(proxy.port, host, '/')]);
      }
    } finally {
      await proxy.close();
    }
  });
});
