/**
 * Every fix for a program that is installed is shown to that program: what it does not accept must
 * not be pasted by anyone. A line names each program that is missing and how to get it.
 */
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Script } from 'node:vm';
import { afterAll, describe, expect, it } from 'vitest';
import type { ComponentId, Fix, VerdictKind } from '../../src/diagnose/diagnosis.ts';
import { componentFixes } from '../../src/diagnose/fixes/registry.ts';
import { findProgram } from '../../src/proxy/real/find-program.ts';
import { verdictSamples } from '../helpers/sample-diagnosis.ts';

const folder = mkdtempSync(join(tmpdir(), 'streamgauge-fixes-'));
// varnishd reads its configuration as another user.
chmodSync(folder, 0o755);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Every different paste of a component, with the verdict that first shows it. */
function pastes(component: ComponentId): [string, Omit<Fix, 'component'>][] {
  const found = new Map<string, [string, Omit<Fix, 'component'>]>();
  const { remedies } = componentFixes(component)!;
  for (const kind of Object.keys(remedies) as VerdictKind[]) {
    const remedy = remedies[kind]!;
    const fixes = typeof remedy === 'function' ? remedy(verdictSamples[kind]) : remedy;
    for (const fix of fixes) found.set(fix.paste, [`${kind}: ${fix.title}`, fix]);
  }
  return [...found.values()];
}

interface Checker {
  component: ComponentId;
  programs: string[];
  install: string;
  /** A whole configuration around the lines to paste. */
  around: (paste: string, fix: Omit<Fix, 'component'>) => string;
  args: (file: string) => string[];
}

const checkers: Checker[] = [
  {
    component: 'nginx',
    programs: ['nginx'],
    install: 'apt-get install nginx',
    around: (paste) => `pid ${folder}/nginx.pid; error_log stderr;
events {}
http {
  access_log off;
  client_body_temp_path ${folder}/body; proxy_temp_path ${folder}/proxy; fastcgi_temp_path ${folder}/fastcgi;
  uwsgi_temp_path ${folder}/uwsgi; scgi_temp_path ${folder}/scgi;
  server { listen 127.0.0.1:18080; location / { proxy_pass http://127.0.0.1:9;
${paste}
  } }
}
`,
    args: (file) => ['-t', '-c', file],
  },
  {
    component: 'haproxy',
    programs: ['haproxy'],
    install: 'apt-get install haproxy',
    around: (paste) => `defaults
    mode http
    timeout connect 5s
    timeout client 30s
    timeout server 30s
    compression algo gzip
${paste}
frontend f
    bind 127.0.0.1:18080
    default_backend b
backend b
    server s 127.0.0.1:9
`,
    args: (file) => ['-c', '-f', file],
  },
  {
    component: 'apache',
    programs: ['apache2', 'httpd'],
    install: 'apt-get install apache2',
    around: (paste) => `ServerRoot ${folder}
PidFile ${folder}/httpd.pid
ErrorLog ${folder}/error.log
ServerName localhost
Listen 127.0.0.1:18080
${['mpm_event', 'authz_core', 'setenvif', 'proxy', 'proxy_http', 'proxy_fcgi'].map((name) => `LoadModule ${name}_module /usr/lib/apache2/modules/mod_${name}.so`).join('\n')}
${paste}
`,
    args: (file) => ['-t', '-f', file],
  },
  {
    component: 'caddy',
    programs: ['caddy'],
    install: 'apt-get install caddy',
    around: (paste, { where }) => {
      if (where.startsWith('the global options')) return `${paste}\n:18080 {\n}\n`;
      const inside = where.startsWith('the site block');
      return `:18080 {\n${inside ? paste : ''}\n  reverse_proxy 127.0.0.1:9 {\n${inside ? '' : paste}\n  }\n}\n`;
    },
    args: (file) => ['validate', '--adapter', 'caddyfile', '--config', file],
  },
  {
    component: 'varnish',
    programs: ['varnishd'],
    install: 'apt-get install varnish',
    around: (paste) => `vcl 4.1;
backend default { .host = "127.0.0.1"; .port = "9"; }
${paste.startsWith('sub') ? paste : ''}
`,
    args: (file) => ['-C', '-n', join(folder, 'varnish'), '-f', file],
  },
];

describe.each(checkers)('$component', ({ component, programs, install, around, args }) => {
  const program = findProgram(programs);
  if (program === undefined) {
    it.skip(`skipped: ${programs[0]} is not installed (${install})`, () => {});
    return;
  }
  const run = (text: string) => {
    const file = join(folder, `${component}.conf`);
    writeFileSync(file, text);
    return spawnSync(program, args(file), {
      encoding: 'utf8',
      env: { ...process.env, HOME: folder, XDG_DATA_HOME: folder },
    });
  };

  it.each(pastes(component))('%s', (_, fix) => {
    const result = run(around(fix.paste, fix));
    expect(result.status, result.stdout + result.stderr).toBe(0);
    // A warning (HAProxy says ALERT or WARNING) is not something to hand to users either.
    expect(result.stderr.toLowerCase()).not.toMatch(/\[(?:warn|alert|emerg)/);
  });

  it('and what it does not know is refused, so that the above says something', () => {
    const fix = pastes(component)[0]![1];
    const wrong =
      component === 'varnish' ? 'sub vcl_backend_response { set wrong; }' : 'wrongly 1;';
    expect(run(around(wrong, fix)).status).not.toBe(0);
  });
});

describe('varnish parameters', () => {
  const program = findProgram(['varnishd']);
  const missing = program ? '' : ' (skipped: varnishd is not installed: apt-get install varnish)';
  it.skipIf(program === undefined)(`send_timeout is one${missing}`, () => {
    const result = spawnSync(program!, ['-x', 'parameter'], { encoding: 'utf8' });
    expect(result.stdout + result.stderr).toContain('send_timeout');
  });
});

describe('JavaScript', () => {
  const code = [...pastes('express'), ...pastes('nextjs'), ...pastes('vercel')].filter(
    // Lines of a header are not a program.
    ([, { paste }]) => !/^[A-Z][\w-]+: /.test(paste),
  );
  it.each(code)('%s', (_, fix) => {
    // Object members without their braces are to be pasted between some.
    const members = /^[\w']+: /.test(fix.paste);
    const text = members ? `({${fix.paste}})` : fix.paste;
    const stripped = text
      .replaceAll(/^export /gm, '')
      .replaceAll(/: Promise<Response>|: Request\b/g, '');
    expect(
      () =>
        new Script(`async () => {
${stripped}
}`),
    ).not.toThrow();
  });
});

describe('Python', () => {
  const program = findProgram(['python3']);
  const missing = program ? '' : ' (skipped: python3 is not installed: apt-get install python3)';
  it.skipIf(program === undefined).each(pastes('starlette'))(`%s${missing}`, (_, fix) => {
    const body = fix.paste.replaceAll(/^/gm, '    ');
    const result = spawnSync(program!, ['-c', 'import ast,sys; ast.parse(sys.stdin.read())'], {
      encoding: 'utf8',
      input: `async def endpoint():\n${body}\n`,
    });
    expect(result.status, result.stderr).toBe(0);
  });
});
