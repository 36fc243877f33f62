/**
 * Starts an installed proxy on loopback in front of a target, and stops it afterwards. Everything it
 * writes is in a temporary directory; root is not needed, and nothing of the system's own instance of the
 * program is touched.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import * as net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { StreamgaugeError } from '../../errors.ts';
import { checked } from '../../settings/checked.ts';
import { authority, type Place } from './real-kind.ts';
import { installed, realProxySchema, type RealProxySettings } from './registry.ts';

export type RealProxyOptions = RealProxySettings & { target: { host: string; port: number } };

export interface RealProxy {
  readonly port: number;
  /** The configuration as it was used. */
  readonly config: string;
  close(): Promise<void>;
}

/** Varnish compiles its configuration with a C compiler, which takes seconds on a busy machine. */
const startMs = 30_000;
const stopMs = 5000;
/** A port found free may be taken before the program has it. */
const attempts = 3;

/**
 * Runs a program until its standard input closes, which happens whenever this process ends, also when
 * it is killed.
 */
const untilInputCloses = `exec 3<&0
"$@" </dev/null 3<&- &
child=$!
(cat <&3 >/dev/null; kill -TERM $child 2>/dev/null) 3<&3 >/dev/null 2>&1 &
exec 3<&-
wait $child`;

/**
 * @throws StreamgaugeError where the program is missing (with the command that installs it), or it does
 *   not start (with what it wrote).
 */
export async function startRealProxy(options: RealProxyOptions): Promise<RealProxy> {
  const { target, ...given } = options;
  const settings = checked(
    realProxySchema,
    given,
    { whole: 'proxy', prefix: 'proxy' },
    {
      code: 'proxy-settings',
      exit: 'usage',
    },
  );
  for (let attempt = 1; ; attempt++) {
    try {
      return await startOnce(settings, target);
    } catch (error) {
      const taken = error instanceof StreamgaugeError && error.code === 'proxy-port-taken';
      if (!taken || attempt === attempts) throw error;
    }
  }
}

async function startOnce(
  { kind, config: given, settings }: RealProxySettings,
  target: { host: string; port: number },
): Promise<RealProxy> {
  const { definition, program } = installed(kind);
  const place: Place = {
    directory: mkdtempSync(join(tmpdir(), `streamgauge-${kind}-`)),
    port: await freePort(),
    targetHost: target.host,
    targetPort: target.port,
  };
  const remove = (): void => rmSync(place.directory, { recursive: true, force: true });
  try {
    // Apache started by root serves as another user, who must get in.
    chmodSync(place.directory, 0o755);
    const config =
      given === undefined ? definition.configure(place, settings ?? []) : filledIn(given, place);
    writeFileSync(join(place.directory, definition.file), config);
    const { args, env } = definition.command(program, place);
    const running = new RunningProgram(kind, program, args, env ?? {}, place.directory);
    await running.accepting(place.port);
    return {
      port: place.port,
      config,
      async close() {
        await running.stop();
        remove();
      },
    };
  } catch (error) {
    remove();
    throw error;
  }
}

function filledIn(config: string, place: Place): string {
  const values: Record<string, string> = {
    port: String(place.port),
    target: authority(place),
    target_host: place.targetHost,
    target_port: String(place.targetPort),
    dir: place.directory,
  };
  if (!config.includes('{{port}}')) {
    throw new StreamgaugeError('the proxy configuration has no {{port}} to listen on', {
      code: 'proxy-config',
      exit: 'usage',
      hints: [
        `placeholders are ${Object.keys(values)
          .map((name) => `{{${name}}}`)
          .join(', ')}`,
      ],
    });
  }
  return config.replaceAll(/\{\{(\w+)\}\}/g, (whole, name: string) => values[name] ?? whole);
}

async function freePort(): Promise<number> {
  const server = net.createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as net.AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

class RunningProgram {
  private readonly kind: string;
  private readonly child: ChildProcess;
  private output = '';
  private readonly exited: Promise<void>;
  private gone = false;

  constructor(
    kind: string,
    program: string,
    args: readonly string[],
    env: Record<string, string>,
    cwd: string,
  ) {
    this.kind = kind;
    this.child = spawn('/bin/sh', ['-c', untilInputCloses, 'sh', program, ...args], {
      cwd,
      env: { ...process.env, ...env },
      stdio: ['pipe', 'pipe', 'pipe'],
      // A group of its own: a Ctrl-C in the terminal is for us, and we stop the proxy after the run.
      detached: true,
    });
    for (const stream of [this.child.stdout, this.child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => {
        this.output = (this.output + text).slice(-4000);
      });
    }
    this.child.stdin?.on('error', () => {});
    this.exited = new Promise((resolve) => {
      const over = (): void => {
        this.gone = true;
        resolve();
      };
      this.child.once('close', over);
      this.child.once('error', over);
    });
  }

  /** Waits until the program accepts connections. */
  async accepting(port: number): Promise<void> {
    const giveUpAt = performance.now() + startMs;
    while (!this.gone && performance.now() < giveUpAt) {
      if (await accepts(port)) return;
      await Promise.race([this.exited, new Promise((resolve) => setTimeout(resolve, 20))]);
    }
    const timedOut = !this.gone;
    await this.stop();
    const said = this.output.trim();
    throw new StreamgaugeError(
      `${this.kind} ${timedOut ? `does not accept connections after ${startMs / 1000} s` : 'did not start'}`,
      {
        code: /address (already )?in use|cannot bind/i.test(said)
          ? 'proxy-port-taken'
          : 'proxy-start-failed',
        hints: said === '' ? ['it wrote nothing'] : said.split('\n').slice(-6),
      },
    );
  }

  async stop(): Promise<void> {
    if (this.gone) return;
    this.child.stdin?.end();
    const timer = setTimeout(() => {
      // The group: the shell, the program, and what it forked.
      if (this.child.pid !== undefined && !this.gone) process.kill(-this.child.pid, 'SIGKILL');
    }, stopMs);
    await this.exited;
    clearTimeout(timer);
  }
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = net.connect(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
