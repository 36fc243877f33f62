/** The places of a configuration that send requests to a target, and which one answers a URL. */
import {
  chooseLocation,
  everyLocation,
  locationName,
  namedLocation,
  normalizePath,
  untestable,
} from './choose-location.ts';
import { chooseServer, namesOf } from './choose-server.ts';
import type { Directive } from './syntax.ts';
import type { Levels } from './values.ts';

/** The module that talks to the target; its name begins its directives. */
export type PassModule = 'proxy' | 'fastcgi' | 'uwsgi' | 'scgi' | 'grpc';

export interface Place {
  /** As a user would name it: `location /v1/ of api.example.com`. */
  name: string;
  levels: Levels;
  module: PassModule;
  /** The directive that names the target. */
  pass: Directive;
}

const passes: Readonly<Record<string, PassModule>> = {
  proxy_pass: 'proxy',
  fastcgi_pass: 'fastcgi',
  uwsgi_pass: 'uwsgi',
  scgi_pass: 'scgi',
  grpc_pass: 'grpc',
};

/** Pass directives are not inherited; one inside an `if` of the location counts. */
function passOf(block: Directive): Directive | undefined {
  const own = block.children ?? [];
  const inIf = own.filter(({ name }) => name === 'if').flatMap(({ children }) => children ?? []);
  return [...own, ...inIf].find(({ name }) => name in passes);
}

function serverName(server: Directive): string {
  const [name] = namesOf(server).filter((one) => one !== '' && one !== '_');
  return name ?? `the server of line ${server.line}`;
}

function placeOf(
  levels: Levels,
  server: Directive,
  chain: readonly Directive[],
): Place | undefined {
  const innermost = chain.at(-1);
  const pass = innermost && passOf(innermost);
  if (!pass) return undefined;
  return {
    name: `${locationName(innermost)} of ${serverName(server)}`,
    levels: [...levels, server, ...chain],
    module: passes[pass.name]!,
    pass,
  };
}

/** Every place that passes requests on. */
export function everyPlace(https: readonly Directive[]): Place[] {
  return https.flatMap((http) =>
    (http.children ?? [])
      .filter(({ name }) => name === 'server')
      .flatMap((server) =>
        everyLocation(server).flatMap((chain) => placeOf([http], server, chain) ?? []),
      ),
  );
}

/** The place that answers a path, in each server that passes it on. */
export function placesOf(https: readonly Directive[], path: string): Place[] {
  return https.flatMap((http) =>
    (http.children ?? [])
      .filter(({ name }) => name === 'server')
      .flatMap((server) => {
        const search: PlaceSearch = { remarks: [] };
        follow(http, server, normalizePath(path), search);
        return search.place ?? [];
      }),
  );
}

export interface PlaceSearch {
  place?: Place;
  /** Why there is none, or what should be known about the choice. */
  remarks: { about: Directive | undefined; text: string }[];
}

/** Redirects inside nginx that are followed before giving up. */
const mostHops = 6;

/** Follows try_files to where it ends when no file is there. */
function follow(http: Directive, server: Directive, path: string, search: PlaceSearch): void {
  let chain = chooseLocation(server, path);
  for (let hop = 0; hop < mostHops; hop++) {
    const innermost = chain.at(-1);
    const block = innermost ?? server;
    const answered = block.children?.find(({ name }) => name === 'return');
    if (answered) {
      search.remarks.push({
        about: answered,
        text: 'nginx answers here by itself, without a target',
      });
      return;
    }
    const place = placeOf([http], server, chain);
    if (place) {
      search.place = place;
      return;
    }
    const tried = block.children?.find(({ name }) => name === 'try_files');
    const fallback = tried?.args.at(-1);
    if (fallback === undefined || fallback.startsWith('=')) break;
    if (fallback.startsWith('@')) {
      const named = namedLocation(server, fallback);
      chain = named ? [named] : [];
    } else {
      chain = chooseLocation(server, normalizePath(fallback.split('?')[0]!));
    }
    if (chain.length === 0) break;
  }
  const about = chain.at(-1) ?? server;
  search.remarks.push({
    about,
    text: `nothing here hands ${path} to a target: nginx serves it itself`,
  });
}

/** The place that answers a URL. */
export function findPlace(https: readonly Directive[], url: URL): PlaceSearch {
  const search: PlaceSearch = { remarks: [] };
  const servers = https.flatMap((http) =>
    (http.children ?? [])
      .filter(({ name }) => name === 'server')
      .map((server) => ({ http, server })),
  );
  const port = Number(url.port) || (url.protocol === 'https:' ? 443 : 80);
  const host = url.hostname.replace(/^\[|\]$/g, '').toLowerCase();
  const choice = chooseServer(
    servers.map(({ server }) => server),
    host,
    port,
  );
  if (choice === undefined) {
    search.remarks.push({ about: undefined, text: 'it has no server block' });
    return search;
  }
  const { server, otherPort } = choice;
  if (otherPort) {
    search.remarks.push({
      about: server,
      text: `no server listens on port ${port}; this one was taken by its name, as if the port were mapped on the way`,
    });
  }
  const { http } = servers.find((one) => one.server === server)!;
  const answered = server.children?.find(({ name }) => name === 'return');
  if (answered) {
    search.remarks.push({
      about: answered,
      text: 'the server answers by itself, without a target',
    });
    return search;
  }
  for (const about of untestable(server)) {
    search.remarks.push({
      about,
      text: 'this pattern could not be tried here; it may answer instead',
    });
  }
  follow(http, server, normalizePath(url.pathname), search);
  return search;
}
