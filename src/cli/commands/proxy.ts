import { Command, Option } from 'commander';
import { parse as parseYaml } from 'yaml';
import { StreamgaugeError, messageOf } from '../../errors.ts';
import { eventKindReader } from '../../dialect/event-kind-readers.ts';
import { dialectNames } from '../../dialect/registry.ts';
import { startControl, type ControlServer } from '../../fault/relay/control-api.ts';
import type { Traffic } from '../../fault/fault.ts';
import { profileFaults } from '../../fault/network/network.ts';
import { networkProfileNames } from '../../fault/network/profiles.ts';
import {
  startFaultProxy,
  type FaultProxy,
  type FaultProxyStatus,
} from '../../fault/relay/fault-proxy.ts';
import {
  definitionOf,
  describeFault,
  faultKinds,
  neverFired,
  parseFault,
  parseFaults,
  type FaultSpec,
} from '../../fault/registry.ts';
import type { World } from '../../world.ts';
import { collect } from '../options.ts';
import { tlsNotes, tlsOf, wayTo, type ProxyTls } from '../proxy-tls.ts';
import { untilSignalled } from '../until-signalled.ts';

interface Flags {
  listen: string;
  upstream: string;
  fault: string[];
  profile: string[];
  seed: string;
  json?: boolean;
  control?: string;
  terminateTls?: boolean;
  tlsCert?: string;
  tlsKey?: string;
  upstreamCa?: string;
  dialect?: string;
}

/** Where the bytes go, and what a client must ask for instead. */
interface Upstream {
  host: string;
  port: number;
  /** With the scheme and path of the upstream, where it was given as a URL. */
  urlAt(host: string, port: number): string | undefined;
  /** Of the URL; undefined where none was given. */
  protocol: string | undefined;
}

function usage(message: string, ...hints: string[]): StreamgaugeError {
  return new StreamgaugeError(message, { code: 'usage', exit: 'usage', hints });
}

function portOf(text: string, option: string, least: number): number {
  const port = Number(text);
  if (!/^\d+$/.test(text) || port < least || port > 65_535) {
    throw usage(`${option}: "${text}" is not a port from ${least} to 65535`);
  }
  return port;
}

/** `HOST:PORT`, `[::1]:PORT` or `PORT`. */
function hostAndPort(text: string, option: string, least: number): { host: string; port: number } {
  const match = /^(?:(?:\[([^\]]+)\]|([^:]+)):)?([^:]+)$/.exec(text);
  if (!match) throw usage(`${option}: "${text}" is not HOST:PORT`, 'for example 127.0.0.1:8080');
  const host = match[1] ?? match[2] ?? '127.0.0.1';
  return { host, port: portOf(match[3]!, option, least) };
}

function bracketed(host: string): string {
  return host.includes(':') ? `[${host}]` : host;
}

/** What listens on every address is reached by the loopback one. */
function reachable(host: string): string {
  if (host === '0.0.0.0') return '127.0.0.1';
  return host === '::' ? '::1' : host;
}

const defaultPorts: Record<string, number> = { 'http:': 80, 'ws:': 80, 'https:': 443, 'wss:': 443 };

function upstreamOf(text: string): Upstream {
  if (!text.includes('://')) {
    const place = hostAndPort(text, '--upstream', 1);
    return { ...place, urlAt: () => undefined, protocol: undefined };
  }
  if (!URL.canParse(text)) throw usage(`--upstream: "${text}" is not a URL`);
  const url = new URL(text);
  const usual = defaultPorts[url.protocol];
  if (usual === undefined) {
    throw usage(
      `--upstream: the proxy does not know ${url.protocol}//`,
      'http, https, ws and wss, or HOST:PORT for anything else over TCP',
    );
  }
  return {
    host: url.hostname.replace(/^\[|\]$/g, ''),
    port: url.port === '' ? usual : Number(url.port),
    urlAt: (host, port) =>
      `${url.protocol}//${bracketed(host)}:${port}${url.pathname === '/' ? '' : url.pathname}`,
    protocol: url.protocol,
  };
}

/** `delay: 25ms`, `delay: { rtt: 50ms }`, `{ kind: delay, rtt: 50ms }`, or a list of these. */
function faultsOf(text: string, position: number): FaultSpec[] {
  let value: unknown;
  try {
    value = parseYaml(text);
  } catch (error) {
    const [first] = messageOf(error).split('\n');
    throw usage(`--fault '${text}' cannot be read: ${first}`, "for example --fault 'delay: 25ms'");
  }
  if (typeof value === 'string') {
    throw usage(
      `--fault '${text}' must name a fault and its settings`,
      "for example --fault 'delay: 25ms' or --fault 'disconnect: { how: rst, after: { bytes: 4KiB } }'",
    );
  }
  const name = `--fault number ${position + 1}`;
  return Array.isArray(value) ? parseFaults(value, name) : [parseFault(value, name)];
}

function kindsHelp(): string {
  const lines = faultKinds.map((kind) => {
    const { summary, example } = definitionOf(kind);
    return `  ${kind.padEnd(12)}${summary}\n              --fault '${kind}: ${example}'`;
  });
  return `\nFaults:\n${lines.join('\n')}\n`;
}

function listHelp(): string {
  const lines: string[] = [];
  for (const name of networkProfileNames) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + name.length < 94) lines.push(`${lines.pop()}, ${name}`);
    else lines.push(`  ${name}`);
  }
  return `\nProfiles:\n${lines.join(',\n')}\n`;
}

/** `streamgauge proxy`: the relay and its faults for any other program, until Ctrl-C. */
export function proxyCommand(world: World): Command {
  return new Command('proxy')
    .description('Put network faults between any client and any target; runs until Ctrl-C')
    .requiredOption('--upstream <place>', 'where the bytes go: HOST:PORT or a URL')
    .option(
      '--listen <place>',
      'HOST:PORT or PORT to listen on; port 0 takes a free one',
      '127.0.0.1:0',
    )
    .option(
      '--fault <fault>',
      'a fault and its settings, as YAML; repeatable, in order',
      collect,
      [],
    )
    .option('--profile <name>', 'a named network; repeatable, before the faults', collect, [])
    .addOption(
      new Option('--seed <seed>', 'seeds everything random').default('1').env('STREAMGAUGE_SEED'),
    )
    .option('--control <place>', 'PORT or HOST:PORT of the HTTP API that changes it while it runs')
    .option(
      '--terminate-tls',
      'end TLS here, with a certificate made for this run, and speak it again with the upstream: faults can then look inside',
    )
    .option('--tls-cert <file>', 'certificate to end TLS with, instead of one made for this run')
    .option('--tls-key <file>', 'its key')
    .option(
      '--upstream-ca <file>',
      'authority to trust for the upstream, instead of the usual ones',
    )
    .addOption(
      new Option(
        '--dialect <name>',
        'the API that passes, for faults that look inside; default: an event is what any of them says it is',
      ).choices(dialectNames),
    )
    .option('--json', 'print one line of JSON at the start and one at the end')
    .addHelpText(
      'after',
      () =>
        `${kindsHelp()}${listHelp()}\nExamples:\n` +
        "  streamgauge proxy --upstream http://127.0.0.1:8000/v1 --fault 'delay: { rtt: 80ms }'\n" +
        '  streamgauge proxy --upstream api.openai.com:443 --profile lte-driving --control 0\n' +
        "  streamgauge proxy --upstream https://api.openai.com/v1 --terminate-tls --fault 'disconnect: { how: rst, after: { tokens: 20 } }'\n",
    )
    .action(async (flags: Flags) => {
      const upstream = upstreamOf(flags.upstream);
      const listen = hostAndPort(flags.listen, '--listen', 0);
      const control =
        flags.control === undefined ? undefined : hostAndPort(flags.control, '--control', 0);
      const faults = [
        ...flags.profile.flatMap((name) => profileFaults(name)),
        ...flags.fault.flatMap((text, position) => faultsOf(text, position)),
      ];
      const tls = await tlsOf(flags, upstream, listen.host, world);
      const proxy = await startFaultProxy({
        target: { host: upstream.host, port: upstream.port },
        listen,
        faults,
        seed: flags.seed,
        way: wayTo(upstream, tls),
        ...(tls && { tls: tls.termination }),
        environment: {
          readText: (file) => world.files.readText(file),
          baseDirectory: world.cwd,
          eventKind: eventKindReader(flags.dialect),
        },
      });
      let api: ControlServer | undefined;
      try {
        if (control) api = await startControl(proxy, control);
        announce(world, proxy, api, { ...upstream, tls }, flags);
        await untilSignalled();
        conclude(world, proxy.faults, proxy.status(), flags);
      } finally {
        await api?.close();
        await proxy.close();
        if (tls?.authorityFile !== undefined) world.files.remove(tls.authorityFile);
      }
    });
}

function announce(
  world: World,
  proxy: FaultProxy,
  api: ControlServer | undefined,
  upstream: Upstream & { tls: ProxyTls | undefined },
  flags: Flags,
): void {
  const host = reachable(proxy.host);
  const place = `${bracketed(host)}:${proxy.port}`;
  const url = upstream.urlAt(host, proxy.port);
  if (flags.json) {
    world.console.stdout(
      `${JSON.stringify({
        listen: { host: proxy.host, port: proxy.port, url: url ?? null },
        upstream: { host: upstream.host, port: upstream.port },
        control: api?.url ?? null,
        seed: flags.seed,
        ca: upstream.tls?.authorityFile ?? null,
        faults: proxy.faults,
        pid: process.pid,
      })}\n`,
    );
    return;
  }
  world.console.stdout(`${url ?? place}\n`);
  const lines = [
    `→ ${bracketed(upstream.host)}:${upstream.port}, seed ${flags.seed}`,
    ...(proxy.faults.length === 0
      ? ['no faults: bytes pass as they come']
      : proxy.faults.map((fault) => describeFault(fault))),
    ...tlsNotes(upstream, upstream.tls),
    ...(api ? [`change it while it runs: ${api.url}/faults, counts: ${api.url}/status`] : []),
    'Ctrl-C ends it',
  ];
  world.console.stderr(lines.map((line) => `  ${line}\n`).join(''));
}

/** What happened, and which faults did not. */
function conclude(
  world: World,
  faults: readonly FaultSpec[],
  status: FaultProxyStatus,
  flags: Flags,
): void {
  const silent = neverFired(
    faults,
    status.faults.map(({ fired }) => fired),
  );
  if (flags.json) {
    world.console.stdout(`${JSON.stringify({ ...status, warnings: silent })}\n`);
    return;
  }
  const { connections, bytes } = status;
  const lines = [
    `${connections.total} ${connections.total === 1 ? 'connection' : 'connections'}, ${bytes.client_to_target.delivered} bytes up, ${bytes.target_to_client.delivered} bytes down`,
    ...(connections.upstreamFailed > 0
      ? [`the upstream could not be reached ${connections.upstreamFailed} times`]
      : []),
    ...(connections.tlsRefused > 0
      ? [`${connections.tlsRefused} clients broke the TLS handshake off`]
      : []),
    ...(connections.tlsProblem === null ? [] : [`last TLS problem: ${connections.tlsProblem}`]),
    ...status.faults.map(
      ({ description, fired, traffic }) =>
        `${description}: fired ${fired} times${traffic ? `, ${describeTraffic(traffic)}` : ''}`,
    ),
    ...silent.map((warning) => `warning: ${warning}`),
  ];
  world.console.stderr(lines.map((line) => `${line}\n`).join(''));
}

function describeTraffic({ packets, bytes, streamBytes }: Traffic): string {
  const times =
    streamBytes > 0 ? ` (${(bytes / streamBytes).toFixed(2)} for each of the stream)` : '';
  return `${packets} packets with ${bytes} bytes${times}`;
}
