/** Which server block answers a host and a port. */
import type { Directive } from './syntax.ts';
import { patternOf } from './values.ts';

interface Listen {
  port: number;
  isDefault: boolean;
}

/** The port of a listen directive: `80`, `127.0.0.1:8080`, `[::]:443`, `*:80`, `localhost`. */
function listenOf({ args }: Directive): Listen | undefined {
  const [address = ''] = args;
  if (address.startsWith('unix:')) return undefined;
  const match = /^(?:.*:)?(\d+)$/.exec(address);
  const bare = address.startsWith('[') && !/\]:\d+$/.test(address);
  const port = match && !bare ? Number(match[1]) : 80;
  return { port, isDefault: args.includes('default_server') || args.includes('default') };
}

export function listensOf(server: Directive): Listen[] {
  const found = server.children?.filter(({ name }) => name === 'listen') ?? [];
  if (found.length === 0) return [{ port: 80, isDefault: false }];
  return found.flatMap((directive) => listenOf(directive) ?? []);
}

export function namesOf(server: Directive): string[] {
  return (
    server.children
      ?.filter(({ name }) => name === 'server_name')
      .flatMap(({ args }) => args.map((name) => name.toLowerCase())) ?? []
  );
}

/** How well a name fits a host, in nginx's order; 0 where it does not. */
function fitOf(name: string, host: string): number {
  if (name === host) return 4000;
  if (name.startsWith('.') && (host === name.slice(1) || host.endsWith(name))) {
    return host === name.slice(1) ? 4000 : 3000 + name.length;
  }
  if (name.startsWith('*.') && host.endsWith(name.slice(1))) return 3000 + name.length;
  if (name.endsWith('.*') && host.startsWith(name.slice(0, -1))) return 2000 + name.length;
  if (name.startsWith('~') && patternOf(name.slice(1), true)?.test(host)) return 1000;
  return 0;
}

export interface ServerChoice {
  server: Directive;
  /** No server listens on the port: it may be mapped on the way. */
  otherPort: boolean;
}

/** undefined where there is no server at all. */
export function chooseServer(
  servers: readonly Directive[],
  host: string,
  port: number,
): ServerChoice | undefined {
  const listening = servers.filter((server) =>
    listensOf(server).some((listen) => listen.port === port),
  );
  const otherPort = listening.length === 0;
  const candidates = otherPort ? servers : listening;
  let best: Directive | undefined;
  let bestFit = 0;
  for (const server of candidates) {
    const fit = Math.max(0, ...namesOf(server).map((name) => fitOf(name, host)));
    // Of equal ones the first, as for regular expressions.
    if (fit > bestFit) {
      best = server;
      bestFit = fit;
    }
  }
  const isDefault = (server: Directive): boolean =>
    listensOf(server).some((listen) => listen.isDefault && (otherPort || listen.port === port));
  const server = best ?? candidates.find(isDefault) ?? candidates[0];
  return server === undefined ? undefined : { server, otherPort };
}
