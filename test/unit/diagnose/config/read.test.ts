import { describe, expect, test } from 'vitest';
import { readNginxConfig } from '../../../../src/diagnose/config/read.ts';
import { inLocation, memoryFiles, readText } from '../../../helpers/nginx-config.ts';

const old = { nginxVersion: 'nginx/1.22.1' };

/** `severity place: directive` of each finding. */
function shown(reading: ReturnType<typeof readText>): string[] {
  return reading.findings.map(
    ({ severity, line, column, text }) => `${severity} ${line}:${column} ${text}`,
  );
}

describe('which line is named', () => {
  test('nothing written: the proxy_pass', () => {
    const reading = readText(inLocation(''), old);
    expect(reading).toMatchInlineSnapshot(`
      {
        "file": "/etc/nginx/nginx.conf",
        "findings": [
          {
            "column": 7,
            "file": "/etc/nginx/nginx.conf",
            "fix": "proxy_http_version 1.1; proxy_buffering off;",
            "line": 6,
            "message": "proxy_buffering is not written here and on by default, and proxy_http_version is 1.0 by default in this nginx, whose answers have no chunks: nothing is sent before a buffer is full, 4,096 bytes at a time",
            "severity": "cause",
            "text": "proxy_pass http://127.0.0.1:9;",
          },
          {
            "column": 7,
            "file": "/etc/nginx/nginx.conf",
            "fix": "proxy_read_timeout 1h;",
            "line": 6,
            "message": "proxy_read_timeout is 60s by default: a stream that is silent for longer is cut, though its status was 200; events that a buffer holds are lost with it",
            "severity": "note",
            "text": "proxy_pass http://127.0.0.1:9;",
          },
        ],
        "summary": "location / of the server of line 3 (/etc/nginx/nginx.conf:6) holds a stream back: events wait until a buffer is full (4,096 bytes at a time) or the answer ends.",
        "verdict": "buffers",
      }
    `);
  });

  test('buffering switched on around it', () => {
    const text = `http {\n  proxy_buffering on;\n  server { location / { proxy_pass http://x; } }\n}`;
    expect(shown(readText(text, old))[0]).toBe('cause 2:3 proxy_buffering on;');
  });

  test('HTTP/1.0 asked for', () => {
    const text = inLocation('proxy_http_version 1.0;');
    expect(shown(readText(text, { nginxVersion: '1.31.5' }))[0]).toBe(
      'cause 7:7 proxy_http_version 1.0;',
    );
  });

  test('gzip: its types, and the list without the one', () => {
    const text = `http { gzip on;\ngzip_types text/plain text/event-stream application/json;\nserver { location / { proxy_pass http://x; proxy_http_version 1.1; } } }`;
    const [cause] = readText(text, old).findings;
    expect(cause).toMatchObject({
      line: 2,
      column: 1,
      severity: 'cause',
      fix: 'gzip_types text/plain application/json;',
    });
  });

  test('gzip of every type: switched off here', () => {
    const [cause] = readText(inLocation('gzip on; gzip_types *;'), old).findings;
    expect(cause).toMatchObject({ severity: 'cause', fix: 'gzip off;' });
  });

  test('the header that would help is ignored', () => {
    const reading = readText(inLocation('proxy_ignore_headers Expires X-Accel-Buffering;'), old);
    expect(reading.findings.find(({ line }) => line === 7)).toMatchObject({ severity: 'risk' });
  });

  test('the version is not known: both are said, and nothing is claimed', () => {
    const reading = readText(inLocation(''));
    expect(reading.verdict).toBe('unclear');
    expect(reading.summary).toContain('1.29.7');
  });

  test.each([
    ['1.29.6', 'buffers'],
    ['1.29.7', 'streams'],
    ['1.30.0', 'streams'],
    ['2.0.0', 'streams'],
    ['nginx/1.18.0 (Ubuntu)', 'buffers'],
  ])('nginx %s by default: %s', (nginxVersion, verdict) => {
    expect(readText(inLocation(''), { nginxVersion }).verdict).toBe(verdict);
  });
});

describe('what does not buffer but harms', () => {
  const off = 'proxy_buffering off;';
  test.each([
    ['proxy_read_timeout 30s;', 'risk', 'cut'],
    ['proxy_read_timeout 1h;', undefined, ''],
    ['proxy_ignore_client_abort on;', 'risk', 'no client reads'],
    ['tcp_nodelay off;', 'risk', 'Nagle'],
    ['limit_rate 10k;', 'risk', 'bursts'],
    ['modsecurity on;', 'risk', 'SecResponseBodyAccess'],
    ['js_body_filter main.f;', 'risk', 'JavaScript'],
    ['body_filter_by_lua_block { x() }', 'risk', 'Lua'],
    ['brotli on; brotli_types *;', 'cause', 'compressed'],
  ])('%s', (lines, severity, message) => {
    const reading = readText(inLocation(`${off} ${lines}`), old);
    const found = reading.findings.find(
      ({ text }) => lines.includes(text.replace(/ \{$/, '')) && text !== off,
    );
    expect(found?.severity).toBe(severity);
    if (severity !== undefined) expect(found?.message).toContain(message);
  });

  test('a cacheable answer wastes tokens, and a lock lets others wait', () => {
    const reading = readText(
      inLocation('proxy_http_version 1.1; proxy_cache c; proxy_cache_lock on;'),
      old,
    );
    expect(reading.verdict).toBe('streams');
    const risks = reading.findings.filter(({ severity }) => severity === 'risk');
    expect(risks.map(({ text }) => text)).toContain('proxy_cache c;');
    expect(risks.map(({ text }) => text)).toContain('proxy_cache_lock on;');
  });
});

describe('inheritance', () => {
  const at = (http: string, server: string, location: string) =>
    readText(
      `http { ${http} server { ${server} location / { proxy_pass http://x; ${location} } } }`,
      old,
    ).verdict;

  test('the innermost says', () => {
    expect(at('proxy_buffering off;', '', '')).toBe('streams');
    expect(at('proxy_buffering off;', 'proxy_buffering on;', '')).toBe('buffers');
    expect(at('proxy_buffering off;', 'proxy_buffering on;', 'proxy_buffering off;')).toBe(
      'streams',
    );
    expect(at('', 'proxy_http_version 1.1;', '')).toBe('streams');
  });

  test('gzip_types is replaced, not added to', () => {
    const http =
      'proxy_buffering on; proxy_http_version 1.1; gzip on; gzip_types text/event-stream;';
    expect(at(http, '', '')).toBe('buffers');
    expect(at(http, '', 'gzip_types text/css;')).toBe('streams');
    expect(at(http, '', 'gzip off;')).toBe('streams');
  });

  test('proxy_pass is not', () => {
    const text =
      'http { server { location / { proxy_pass http://x; location /v1 { root /x; } } } }';
    expect(readText(text, old).verdict).toBe('unclear');
  });
});

describe('which place answers', () => {
  const servers = `http {
  server { listen 80 default_server; server_name _; location / { proxy_pass http://default; } }
  server { listen 80; server_name api.example.com; location / { proxy_pass http://exact; } }
  server { listen 80; server_name *.example.com; location / { proxy_pass http://leading; } }
  server { listen 80; server_name www.example.*; location / { proxy_pass http://trailing; } }
  server { listen 80; server_name ~^db\\d+\\.; location / { proxy_pass http://pattern; } }
  server { listen 8443 ssl; server_name api.example.com; location / { proxy_pass http://other; } }
}`;
  test.each([
    ['http://api.example.com/', 'exact'],
    ['http://API.example.com/', 'exact'],
    ['http://a.b.example.com/', 'leading'],
    ['http://www.example.org/', 'trailing'],
    ['http://db7.internal/', 'pattern'],
    ['http://unknown/', 'default'],
    ['https://api.example.com:8443/', 'other'],
    ['http://127.0.0.1/', 'default'],
  ])('%s: %s', (url, name) => {
    const reading = readText(servers, { ...old, url });
    const cause = reading.findings.find(({ severity }) => severity === 'cause');
    expect(cause?.text).toBe(`proxy_pass http://${name};`);
  });

  test('a port that no server listens on is taken for a mapped one, and that is said', () => {
    const reading = readText(servers, { ...old, url: 'http://api.example.com:30080/' });
    expect(reading.findings.find(({ severity }) => severity === 'cause')?.text).toContain('exact');
    expect(reading.findings.some(({ message }) => message.includes('30080'))).toBe(true);
  });

  test('try_files leads to a named location', () => {
    const text =
      'http { server { location / { try_files $uri @app; } location @app { proxy_pass http://x; } } }';
    const reading = readText(text, old);
    expect(reading.verdict).toBe('buffers');
    expect(reading.summary).toContain('@app');
  });

  test('try_files leads to another path', () => {
    const text =
      'http { server { location / { try_files $uri /index.php?$args; } location ~ \\.php$ { fastcgi_pass x; } } }';
    expect(readText(text, old).summary).toContain('location ~ \\.php$');
  });

  test.each([
    ['http { server { return 301 https://$host$request_uri; } }', 'answers by itself'],
    ['http { server { location /v1/ { return 204; } } }', 'answers here by itself'],
    ['http { server { root /srv; } }', 'serves it itself'],
    ['http { }', 'no server block'],
    ['stream { server { proxy_pass x; } }', 'no http, server or location'],
    ['http { server { location / { try_files $uri =404; } } }', 'serves it itself'],
    ['http { server { location / { try_files $uri /; } } }', 'serves it itself'],
  ])('%s: no target', (text, why) => {
    const reading = readText(text, old);
    expect(reading.verdict).toBe('unclear');
    expect(reading.summary).toContain(why);
  });

  test('a pattern that JavaScript has no equal for is said', () => {
    const text =
      'http { server { location ~ "^/(?R)" { return 204; } location / { proxy_pass http://x; } } }';
    const reading = readText(text, old);
    expect(reading.verdict).toBe('buffers');
    expect(reading.findings.some(({ message }) => message.includes('could not be tried'))).toBe(
      true,
    );
  });

  test('without a URL every place is judged', () => {
    const text = `http { server {
      location /a { proxy_pass http://x; proxy_buffering off; }
      location /b { proxy_pass http://x; } } }`;
    const all = readText(text, { ...old, url: undefined });
    expect(all.verdict).toBe('buffers');
    expect(all.summary).toContain('location /b');
    expect(all.summary).toContain('2 places');
    const one = readText(text, { ...old, url: 'http://x/a' });
    expect(one.verdict).toBe('streams');
  });

  test('a path without a URL is judged in every server that passes it on', () => {
    const text = `http {
      server { server_name a; location / { proxy_pass http://x; proxy_buffering off; } }
      server { server_name b; location /v1 { proxy_pass http://x; } }
      server { server_name c; location /v1 { root /x; } } }`;
    const at = (path: string) => readText(text, { ...old, url: undefined, path });
    expect(at('/v1/chat')).toMatchObject({ verdict: 'buffers' });
    expect(at('/v1/chat').summary).toContain('of b');
    expect(at('/other')).toMatchObject({ verdict: 'streams' });
  });

  test.each([
    ['server { location / { proxy_pass http://x; } }'],
    ['location / { proxy_pass http://x; }'],
    ['upstream u { server x; } server { location / { proxy_pass http://u; } }'],
  ])('a part alone: %s', (text) => {
    expect(readText(text, old).verdict).toBe('buffers');
  });
});

describe('includes', () => {
  const files = {
    '/etc/nginx/nginx.conf':
      'events {}\nhttp {\n  include mime.types;\n  include conf.d/*.conf;\n  include /etc/nginx/sites-enabled/*;\n}\n',
    '/etc/nginx/mime.types': 'types { text/html html; }',
    '/etc/nginx/conf.d/a.conf': 'proxy_http_version 1.1;',
    '/etc/nginx/conf.d/.hidden.conf': 'syntax error {',
    '/etc/nginx/conf.d/readme.txt': 'not a configuration {',
    '/etc/nginx/sites-enabled/api':
      'server {\n  location / {\n    include snippets/model.conf;\n  }\n}\n',
    '/etc/nginx/snippets/model.conf':
      'proxy_pass http://model;\nproxy_buffering on;\ngzip on;\ngzip_types *;\n',
  };

  test('are resolved, relative to the main file, and findings name the file', () => {
    const reading = readNginxConfig({
      file: '/etc/nginx/nginx.conf',
      ...memoryFiles(files),
      url: 'http://localhost/',
    });
    expect(reading.findings[0]).toMatchObject({
      file: '/etc/nginx/snippets/model.conf',
      line: 4,
      severity: 'cause',
    });
  });

  test('one that is missing is said, and the rest is read', () => {
    const { '/etc/nginx/mime.types': _, ...rest } = files;
    const reading = readNginxConfig({ file: '/etc/nginx/nginx.conf', ...memoryFiles(rest) });
    expect(reading.verdict).toBe('buffers');
    expect(reading.findings.some(({ text }) => text === 'include mime.types;')).toBe(true);
  });

  test('one that includes itself ends', () => {
    const loop = {
      '/n.conf': 'http { include n.conf; server { location / { proxy_pass http://x; } } }',
    };
    expect(
      readNginxConfig({ file: '/n.conf', ...memoryFiles(loop) }).findings.length,
    ).toBeGreaterThan(0);
  });

  test('a syntax error names the included file', () => {
    const broken = { ...files, '/etc/nginx/conf.d/b.conf': 'gzip on\n' };
    expect(() =>
      readNginxConfig({ file: '/etc/nginx/nginx.conf', ...memoryFiles(broken) }),
    ).toThrow(
      expect.objectContaining({
        place: expect.objectContaining({ file: '/etc/nginx/conf.d/b.conf', line: 1 }),
      }),
    );
  });

  test('the main file must be there', () => {
    expect(() => readNginxConfig({ file: '/none', ...memoryFiles({}) })).toThrow(/cannot read/);
  });

  test('what nginx -T prints is read, and lines are those of the files', () => {
    const dump = Object.entries(files)
      .filter(([path]) => !path.includes('hidden') && !path.includes('readme'))
      .map(([path, text]) => `# configuration file ${path}:\n${text}\n`)
      .join('');
    const printed = `nginx: configuration file /etc/nginx/nginx.conf test is successful\n${dump}`;
    const reading = readText(printed, { url: 'http://localhost/' });
    expect(reading.findings[0]).toMatchObject({ file: '/etc/nginx/snippets/model.conf', line: 4 });
  });
});
