import { Command, Option } from 'commander';
import { parse as parseYaml } from 'yaml';
import { startMock, type MockOptions, type MockServer } from '../../../mock-server/index.ts';
import { mockOptionsSchema } from '../../../mock-server/settings/options.ts';
import { profileNames } from '../../../mock-server/settings/profiles.ts';
import { StreamgaugeError } from '../../errors.ts';
import type { World } from '../../world.ts';
import { untilSignalled } from '../until-signalled.ts';

interface Flags {
  port?: string;
  host?: string;
  profile?: string;
  seed?: string;
  tls?: boolean;
  json?: boolean;
  set: string[];
}

function usage(message: string, hint: string): StreamgaugeError {
  return new StreamgaugeError(message, { code: 'usage', exit: 'usage', hints: [hint] });
}

/** `--set stalls.every=5s` → `{ stalls: { every: '5s' } }`; values are read as in a scenario file. */
function applySetting(options: Record<string, unknown>, setting: string): void {
  const at = setting.indexOf('=');
  if (at <= 0) {
    throw usage(
      `--set ${setting}: expected key=value`,
      'for example --set "ttft=lognormal(180ms, 0.4)"',
    );
  }
  const keys = setting.slice(0, at).trim().split('.');
  let into = options;
  for (const key of keys.slice(0, -1)) {
    const inner = into[key];
    into = (typeof inner === 'object' && inner !== null ? inner : (into[key] = {})) as Record<
      string,
      unknown
    >;
  }
  const text = setting.slice(at + 1).trim();
  let value: unknown;
  try {
    value = parseYaml(text);
  } catch {
    value = text;
  }
  into[keys.at(-1)!] = value;
}

function optionsOf(flags: Flags): MockOptions {
  const options: Record<string, unknown> = {};
  for (const setting of flags.set) applySetting(options, setting);
  if (flags.port !== undefined) {
    const port = Number(flags.port);
    if (!/^\d+$/.test(flags.port) || port > 65_535) {
      throw usage(
        `--port ${flags.port} is not a port`,
        'a number from 0 to 65535; 0 picks a free one',
      );
    }
    options['port'] = port;
  }
  if (flags.host !== undefined) options['host'] = flags.host;
  if (flags.profile !== undefined) options['profile'] = flags.profile;
  if (flags.seed !== undefined) options['seed'] = flags.seed;
  if (flags.tls !== undefined) options['tls'] = flags.tls;
  // Checked when the server starts.
  return options;
}

/** The keys of `--set`, with what they mean, from the schema itself. */
function settingsHelp(): string {
  const lines = Object.entries(mockOptionsSchema.shape).map(
    ([key, schema]) => `  ${key.padEnd(18)}${schema.description ?? ''}`,
  );
  return `\nKeys of --set (inner keys with a dot, e.g. stalls.every=5s):\n${lines.join('\n')}\n`;
}

function describe(server: MockServer, flags: Flags): string {
  if (flags.json) {
    const { baseUrl, secureBaseUrl, certificate, port } = server;
    const root = new URL('/', baseUrl).href;
    return `${JSON.stringify({
      baseUrl,
      port,
      stats: `${root}stats`,
      log: `${root}log`,
      secureBaseUrl: secureBaseUrl ?? null,
      certificate: certificate ?? null,
      pid: process.pid,
    })}\n`;
  }
  const lines = [server.baseUrl];
  if (server.secureBaseUrl) lines.push(server.secureBaseUrl);
  return `${lines.join('\n')}\n`;
}

/** `streamgauge mock`: the bundled server on its own, until Ctrl-C. */
export function mockCommand(world: World): Command {
  return new Command('mock')
    .description('Run the bundled mock server; prints its base URL and runs until Ctrl-C')
    .option('--port <number>', 'port to listen on; 0, the default, picks a free one')
    .option('--host <address>', 'address to listen on; default 127.0.0.1')
    .addOption(new Option('--profile <name>', 'named token timing').choices(profileNames))
    .option('--seed <seed>', 'seeds every answer; default 1')
    .option('--tls', 'also listen with TLS and a generated self-signed certificate')
    .option('--json', 'print one line of JSON: URLs, port, certificate')
    .option(
      '--set <key=value>',
      'any key of `mock:` in a scenario file; repeatable',
      (value: string, all: string[]) => [...all, value],
      [],
    )
    .addHelpText('after', settingsHelp())
    .action(async (flags: Flags) => {
      const server = await startMock(optionsOf(flags), {
        readText: (file) => world.files.readText(file),
        baseDirectory: world.cwd,
      });
      world.console.stdout(describe(server, flags));
      if (!flags.json) {
        const { origin } = new URL(server.baseUrl);
        world.console.stderr(`what it did: ${origin}/stats and ${origin}/log · Ctrl-C ends it\n`);
      }
      await untilSignalled();
      await server.close();
    });
}
