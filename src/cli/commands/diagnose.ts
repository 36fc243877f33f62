import * as path from 'node:path';
import { Command, Option } from 'commander';
import { exitOf, type Diagnosis } from '../../diagnose/diagnosis.ts';
import {
  diagnoseDialects,
  exampleDialect,
  genericDialect,
  keyVariableOf,
  usageError,
  type DiagnoseOptions,
  type DiagnoseProgress,
} from '../../diagnose/options.ts';
import { runDiagnosis } from '../../diagnose/run.ts';
import { toolVersion } from '../../engine/fingerprint.ts';
import { messageOf } from '../../errors.ts';
import { exitCodes, type ExitCodeName } from '../../exit-codes.ts';
import {
  diagnosisFormats,
  diagnosisRenderers,
  parseDiagnosisFormat,
  renderDiagnosis,
  type DiagnosisFormat,
} from '../../report/diagnosis/registry.ts';
import { parseDuration } from '../../settings/units.ts';
import type { World } from '../../world.ts';
import { collect } from '../options.ts';
import { reportReading } from './diagnose-config.ts';

interface Flags {
  direct?: string;
  dialect: string;
  model?: string;
  prompt?: string;
  maxTokens?: string;
  header: string[];
  method: string[];
  body?: string;
  bodyFile?: string;
  delimiter?: string;
  format: string;
  out?: string;
  budget: string;
  repeat: string;
  seed: string;
  config?: string;
  location?: string;
  nginxVersion?: string;
  ca?: string;
  insecure?: boolean;
  quiet?: boolean;
}

/** `streamgauge diagnose`: who holds a stream back, how, and what fixes it. */
export function diagnoseCommand(world: World): Command {
  return new Command('diagnose')
    .description('Find out why a stream is bursty, late or cut: who holds it back, and the fix')
    .argument('[url]', 'what users reach: an endpoint, or with --dialect an API base URL')
    .option('--direct <url>', 'the same without what is in between, to compare with')
    .addOption(
      new Option('--dialect <name>', 'makes the request of an API; generic asks as you describe it')
        .choices(diagnoseDialects)
        .default(genericDialect),
    )
    .option('--model <name>', 'the model to ask, for an API dialect')
    .option('--prompt <text>', 'what to ask it; should make a few hundred tokens')
    .option('--max-tokens <number>', 'most tokens of an answer; default 256')
    .option(
      '-H, --header <header>',
      "'Name: value'; ${VAR} takes the environment; repeatable",
      collect,
      [],
    )
    .option(
      '-X, --method <method>',
      'of a generic request; repeated, the others are compared with the first',
      collect,
      [],
    )
    .option('--body <text>', 'of a generic request; makes it a POST')
    .option('--body-file <file>', 'the same from a file')
    .option('--delimiter <text>', "ends an event where the body is not SSE; default '\\n'")
    .option(
      '--format <formats>',
      `comma-separated: ${diagnosisFormats.join(', ')}; several need --out`,
      'terminal',
    )
    .option(
      '--out <directory>',
      'writes the formats there; the terminal report still goes to stdout',
    )
    .option('--budget <duration>', 'longest time for all probes', '60s')
    .option('--repeat <number>', 'how often each probe is made', '2')
    .addOption(
      new Option('--seed <seed>', 'orders the probes').default('1').env('STREAMGAUGE_SEED'),
    )
    .option('--config <file>', 'nginx.conf, or what nginx -T printed: names the line that holds it')
    .option(
      '--location <path>',
      'with --config and without a URL: the path to judge; default every one',
    )
    .option('--nginx-version <version>', 'with --config, where no Server header says it')
    .option('--ca <file>', 'PEM of a certificate authority to trust')
    .option('--insecure', 'do not check certificates')
    .addOption(new Option('-q, --quiet', 'no progress').env('STREAMGAUGE_QUIET'))
    .addHelpText(
      'after',
      `
An API key is taken from ${keyVariableOf(exampleDialect)} and sent only with an API dialect.

Exits with 0 where it streams, 99 where it is held back or cut, 97 where that cannot be told.

Examples:
  streamgauge diagnose https://chat.example.com/events
  streamgauge diagnose https://api.example.com/v1 --dialect ${exampleDialect} --direct http://10.0.0.7:8000/v1
  streamgauge diagnose https://example.com/ask --body '{"q":"hi","stream":true}' -H 'Authorization: Bearer \${MY_KEY}'
  streamgauge diagnose http://localhost:8080/stream --format json,html --out diagnosis
  streamgauge diagnose --config /etc/nginx/nginx.conf --location /v1/chat --nginx-version 1.22.1
`,
    )
    .action(async (url: string | undefined, flags: Flags) => {
      process.exitCode =
        url === undefined
          ? exitCodes[readConfigAlone(flags, world)].code
          : await diagnoseAndReport(url, flags, world);
    });
}

function readConfigAlone(flags: Flags, world: World): ExitCodeName {
  const { config, location, nginxVersion } = flags;
  if (config === undefined) {
    throw usageError(
      'diagnose needs a URL, or --config FILE',
      `streamgauge diagnose https://api.example.com/v1 --dialect ${exampleDialect}`,
    );
  }
  const formats = formatsOf(flags);
  if (formats.length > 1 || flags.out !== undefined) {
    throw usageError('a configuration alone goes to stdout, in one format');
  }
  return reportReading({ config, location, nginxVersion }, formats[0]!, world);
}

async function diagnoseAndReport(url: string, flags: Flags, world: World): Promise<number> {
  const formats = formatsOf(flags);
  const abort = new AbortController();
  const onSignal = (): void => abort.abort();
  process.on('SIGINT', onSignal);
  process.on('SIGTERM', onSignal);
  const progress = flags.quiet ? undefined : progressLine(world);
  let diagnosis: Diagnosis;
  try {
    diagnosis = await runDiagnosis(
      {
        ...optionsOf(url, flags, world),
        signal: abort.signal,
        ...(progress ? { onProgress: (now) => progress.show(now) } : {}),
      },
      { version: toolVersion(), startedMs: world.clock.wall() },
    );
  } finally {
    process.off('SIGINT', onSignal);
    process.off('SIGTERM', onSignal);
    progress?.clear();
  }
  report(diagnosis, formats, flags, world);
  return exitCodes[abort.signal.aborted ? 'aborted' : exitOf(diagnosis.verdict.kind)].code;
}

function report(
  diagnosis: Diagnosis,
  formats: readonly DiagnosisFormat[],
  flags: Flags,
  world: World,
): void {
  const render = (format: DiagnosisFormat): string =>
    renderDiagnosis(format, diagnosis, {
      width: world.console.columns,
      color: world.console.color,
    });
  if (flags.out === undefined) {
    world.console.stdout(render(formats[0]!));
    return;
  }
  const directory = path.resolve(world.cwd, flags.out);
  world.files.makeDirectory(directory);
  const written: string[] = [];
  for (const format of formats) {
    if (format === 'terminal') continue;
    const file = path.join(directory, diagnosisRenderers[format].file);
    world.files.writeText(file, render(format));
    written.push(path.relative(world.cwd, file) || file);
  }
  world.console.stdout(render('terminal'));
  if (written.length > 0) world.console.stderr(`written: ${written.join(', ')}\n`);
}

function formatsOf(flags: Flags): DiagnosisFormat[] {
  const names = flags.format
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
  if (names.length === 0) throw usageError('--format needs a format', diagnosisFormats.join(', '));
  const formats = [...new Set(names.map(parseDiagnosisFormat))];
  if (formats.length > 1 && flags.out === undefined) {
    throw usageError('several formats need --out DIRECTORY', 'or name one format, for stdout');
  }
  return formats;
}

function optionsOf(url: string, flags: Flags, world: World): DiagnoseOptions {
  if (flags.location !== undefined) {
    throw usageError(
      '--location is for --config without a URL',
      'the path of the URL chooses the location',
    );
  }
  if (flags.nginxVersion !== undefined && flags.config === undefined) {
    throw usageError('--nginx-version is for --config');
  }
  if (flags.body !== undefined && flags.bodyFile !== undefined) {
    throw usageError('--body and --body-file are the same thing: give one');
  }
  for (const [name, value] of [
    ['--model', flags.model],
    ['--prompt', flags.prompt],
    ['--max-tokens', flags.maxTokens],
  ] as const) {
    if (value !== undefined && flags.dialect === genericDialect) {
      throw usageError(`${name} is for an API dialect`, `add --dialect ${exampleDialect}`);
    }
  }
  const keyVariable = keyVariableOf(flags.dialect);
  const body = flags.bodyFile === undefined ? flags.body : read(flags.bodyFile, world);
  return {
    url,
    direct: flags.direct,
    dialect: flags.dialect,
    model: flags.model,
    prompt: flags.prompt,
    maxTokens: flags.maxTokens === undefined ? undefined : whole(flags.maxTokens, '--max-tokens'),
    // A generic request goes to the server that it names: only what is written there is sent.
    apiKey: (keyVariable !== undefined && world.env[keyVariable]) || undefined,
    headers: flags.header.map((text) => headerOf(text, world)),
    ...(flags.method.length > 0 ? { methods: flags.method } : {}),
    body,
    delimiter: flags.delimiter,
    budgetMs: duration(flags.budget),
    repeat: whole(flags.repeat, '--repeat'),
    seed: flags.seed,
    ...(flags.config === undefined
      ? {}
      : {
          config: {
            file: path.resolve(world.cwd, flags.config),
            readText: (file: string) => world.files.readText(file),
            list: (directory: string) => world.files.list(directory),
            nginxVersion: flags.nginxVersion,
          },
        }),
    tls: {
      insecure: flags.insecure,
      ca: flags.ca === undefined ? undefined : read(flags.ca, world),
    },
  };
}

function read(file: string, world: World): string {
  try {
    return world.files.readText(path.resolve(world.cwd, file));
  } catch (error) {
    throw usageError(`cannot read ${file}: ${messageOf(error)}`);
  }
}

function whole(text: string, option: string): number {
  if (!/^\d+$/.test(text) || Number(text) < 1) {
    throw usageError(`${option} ${text} is not a whole number above 0`);
  }
  return Number(text);
}

function duration(text: string): number {
  try {
    return parseDuration(text);
  } catch (error) {
    throw usageError(`--budget: ${messageOf(error)}`, 'for example 30s or 2m');
  }
}

const secretHeader =
  /^(authorization|proxy-authorization|cookie|(x-)?api-key|.*[-_](token|secret|key))$/i;

/** `Name: value`, with `${VAR}` from the environment; secrets must come from there. */
function headerOf(text: string, world: World): readonly [name: string, value: string] {
  const match = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):\s*(.*)$/.exec(text);
  if (!match) {
    throw usageError(
      `--header "${text.split(':')[0]}" is not 'Name: value'`,
      "for example --header 'X-Team: search'",
    );
  }
  const [, name = '', written = ''] = match;
  if (secretHeader.test(name) && written !== '' && !written.includes('${')) {
    throw usageError(
      `--header ${name}: a secret must come from the environment, not stand on the command line`,
      `write --header '${name}: \${MY_SECRET}' in single quotes, and set MY_SECRET`,
    );
  }
  const value = written.replaceAll(/\$\{([A-Za-z_]\w*)\}/g, (_, variable: string) => {
    const found = world.env[variable];
    if (found === undefined) {
      throw usageError(
        `--header ${name}: the environment has no ${variable}`,
        `${variable}=… streamgauge diagnose …`,
      );
    }
    return found;
  });
  if (/[\r\n]/.test(value)) throw usageError(`--header ${name}: the value has a line end in it`);
  return [name, value];
}

/** On a terminal one line that is drawn over, else a line for each probe. */
function progressLine(world: World): {
  show(progress: DiagnoseProgress): void;
  clear(): void;
} {
  const { console } = world;
  let shown = false;
  return {
    show({ text, probesDone, elapsedMs, budgetMs }) {
      const spent = `${(elapsedMs / 1000).toFixed(1)} s of ${Math.round(budgetMs / 1000)} s`;
      const line = `probe ${probesDone + 1}: ${text} (${spent})`;
      if (console.interactive) {
        console.stderr(`\r\u001B[2K${line.slice(0, Math.max(20, console.columns - 1))}`);
        shown = true;
      } else console.stderr(`${line}\n`);
    },
    clear() {
      if (shown) console.stderr('\r\u001B[2K');
    },
  };
}
