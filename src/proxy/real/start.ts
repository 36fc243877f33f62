/**
 * Starts an installed proxy on loopback in front of a target, and stops it afterwards, or when this
 * process dies. Everything it writes is in a temporary directory; root is not needed, and nothing of the
 * system's instance of the program is touched.
 */
import { writeFileSync } from 'node:fs';
import * as net from 'node:net';
import { join } from 'node:path';
import { StreamgaugeError } from '../../errors.ts';
import { GuardedProgram } from '../../process/guarded-program.ts';
import { processLimits } from '../../process/limits.js';
import { untilListening } from '../../process/listening.ts';
import { checked } from '../../settings/checked.ts';
import { authority, type Place } from './real-kind.ts';
import { installed, realProxySchema, type RealProxySettings } from './registry.ts';

export type RealProxyOptions = RealProxySettings & { target: { host: string; port: number } };

export interface RealProxy {
  readonly port: number;
  /** The configuration as it was used. */
  readonly config: string;
  /** Tells when the program ends by itself, as `RunningService.onExit`. */
  onExit(listener: (error: StreamgaugeError) => void): () => void;
  /** Ends the program and removes its directory. */
  close(): Promise<void>;
}

/** A port found free may be taken before the program has it. */
const attempts = 3;

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
  const face = { name: kind, code: 'proxy' };
  const running = await GuardedProgram.prepare(face, `streamgauge-${kind}-`);
  const place: Place = {
    directory: running.directory,
    port: await freePort(),
    targetHost: target.host,
    targetPort: target.port,
  };
  try {
    const config =
      given === undefined ? definition.configure(place, settings ?? []) : filledIn(given, place);
    writeFileSync(join(place.directory, definition.file), config);
    const { args, env = {} } = definition.command(program, place, config);
    await running.run(program, args, env);
    await accepting(running, kind, place.port);
    return {
      port: place.port,
      config,
      onExit: (listener) => running.onExit(listener),
      close: () => running.close(),
    };
  } catch (error) {
    await running.close();
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

/** Waits until the program accepts connections. @throws StreamgaugeError where it does not. */
async function accepting(program: GuardedProgram, kind: string, port: number): Promise<void> {
  if (await untilListening(program, port)) return;
  const why = program.gone
    ? 'did not start'
    : `does not accept connections after ${processLimits.programStartMs / 1000} s`;
  // It may say more on its way out.
  await program.close();
  const said = program.output.trim();
  throw new StreamgaugeError(`${kind} ${why}`, {
    code: /address (already )?in use|cannot bind/i.test(said)
      ? 'proxy-port-taken'
      : 'proxy-start-failed',
    hints: said === '' ? ['it wrote nothing'] : said.split('\n').slice(-6),
  });
}
