/** The seam of the real proxies: how an installed program is configured and started. */

/** Where a real proxy listens, and where its requests go. */
export interface Place {
  /** An empty directory of its own. */
  directory: string;
  /** On 127.0.0.1. */
  port: number;
  targetHost: string;
  targetPort: number;
}

export interface RealKind {
  /** Names of the program, the usual one first. */
  programs: readonly string[];
  /** The command that installs it on Debian or Ubuntu, and on macOS. */
  install: string;
  /** Name of the configuration file in the directory. */
  file: string;
  /** A minimal configuration: everything to the target, WebSocket included, else the program's defaults. */
  configure(place: Place, settings: readonly string[]): string;
  /**
   * What to run, without root, in the foreground whatever the configuration says: a daemon would
   * outlive this process.
   *
   * @throws StreamgaugeError where the configuration rules that out.
   */
  command(
    program: string,
    place: Place,
    config: string,
  ): { args: string[]; env?: Record<string, string> };
}

/** `host:port`, an IPv6 address in brackets. */
export function authority({ targetHost, targetPort }: Place): string {
  return `${targetHost.includes(':') ? `[${targetHost}]` : targetHost}:${targetPort}`;
}

/** Lines below one another, each indented by so many spaces. */
export function indented(lines: readonly string[], spaces: number): string {
  return lines.map((line) => `${' '.repeat(spaces)}${line}\n`).join('');
}
