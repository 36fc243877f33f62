/** The whole configuration: includes resolved as nginx does it, or the output of `nginx -T`. */
import { posix } from 'node:path';
import { messageOf, StreamgaugeError } from '../../errors.ts';
import { parseNginx, type Directive } from './syntax.ts';

/** What reading takes; paths are absolute or relative to where the program runs. */
export interface ConfigFiles {
  /** Throws where there is no such file. */
  readText(path: string): string;
  /** Names in a directory, in any order; [] where there is none. */
  list(directory: string): readonly string[];
}

export interface WholeConfig {
  directives: Directive[];
  /** Includes that could not be read, with the reason. */
  missing: { include: Directive; reason: string }[];
}

const deepest = 20;
const wild = /[*?[]/;

/** A glob of one path component as a regular expression; a leading dot must be written. */
function componentPattern(component: string): RegExp {
  let pattern = component.startsWith('.') ? '' : String.raw`(?!\.)`;
  for (let at = 0; at < component.length; at++) {
    const character = component[at]!;
    const close = character === '[' ? component.indexOf(']', at + 2) : -1;
    if (character === '*') pattern += '.*';
    else if (character === '?') pattern += '.';
    else if (close > 0) {
      const set = component
        .slice(at + 1, close)
        .replace(/^!/, '^')
        .replaceAll('\\', '\\\\');
      pattern += `[${set}]`;
      at = close;
    } else pattern += character.replaceAll(/[$()*+.?[\\\]^{|}]/g, String.raw`\$&`);
  }
  return new RegExp(`^${pattern}$`);
}

/** Paths that a mask names, sorted as glob(3) sorts them. */
export function expandMask(mask: string, files: ConfigFiles): string[] {
  const [root, ...components] = mask.split('/');
  let found = [root === '' ? '/' : root!];
  if (wild.test(found[0]!)) {
    const pattern = componentPattern(root!);
    found = files.list('.').filter((name) => pattern.test(name));
  }
  for (const [index, component] of components.entries()) {
    if (!wild.test(component)) {
      found = found.map((path) => posix.join(path, component));
      continue;
    }
    const pattern = componentPattern(component);
    const isLast = index === components.length - 1;
    found = found.flatMap((path) =>
      files
        .list(path)
        .filter((name) => pattern.test(name))
        .map((name) => posix.join(path, name))
        .filter((path_) => isLast || files.list(path_).length > 0),
    );
  }
  return found.sort();
}

/** `nginx -T` writes this line before each file. */
const dumped = /^# configuration file (\S.*):\r?$/gm;

/** The files of a dump, the main one first; undefined where the text is not a dump. */
function filesOfDump(text: string): Map<string, string> | undefined {
  const marks = [...text.matchAll(dumped)];
  if (marks.length === 0) return undefined;
  return new Map(
    marks.map((mark, index) => {
      const from = mark.index + mark[0].length + 1;
      return [mark[1]!, text.slice(from, marks[index + 1]?.index ?? text.length)];
    }),
  );
}

function dumpReader(dump: ReadonlyMap<string, string>): ConfigFiles {
  return {
    readText: (path) => {
      const text = dump.get(path);
      if (text === undefined) throw new Error('not in this dump');
      return text;
    },
    list: (directory) => {
      const prefix = directory.endsWith('/') ? directory : `${directory}/`;
      const below = [...dump.keys()].filter((path) => path.startsWith(prefix));
      return [...new Set(below.map((path) => path.slice(prefix.length).split('/')[0]!))];
    },
  };
}

/** @throws StreamgaugeError `nginx-syntax`, or `config-unreadable` for the file itself. */
export function readWholeConfig(file: string, given: ConfigFiles): WholeConfig {
  const missing: WholeConfig['missing'] = [];
  let text: string;
  try {
    text = given.readText(file);
  } catch (error) {
    throw new StreamgaugeError(`cannot read the configuration: ${messageOf(error)}`, {
      code: 'config-unreadable',
      exit: 'usage',
      hints: ['give the main file (often /etc/nginx/nginx.conf), or what "nginx -T" prints'],
      cause: error,
    });
  }
  const dump = filesOfDump(text);
  const files = dump === undefined ? given : dumpReader(dump);
  const main = dump === undefined ? file : [...dump.keys()][0]!;
  // Includes are relative to the main file's directory, wherever they are written.
  const base = posix.dirname(main);

  const resolve = (directives: readonly Directive[], depth: number): Directive[] =>
    directives.flatMap((directive) => {
      if (directive.children !== null) {
        return [{ ...directive, children: resolve(directive.children, depth) }];
      }
      const [mask] = directive.args;
      if (directive.name !== 'include' || mask === undefined) return [directive];
      if (depth >= deepest) {
        missing.push({ include: directive, reason: 'includes are nested too deep' });
        return [];
      }
      const path = posix.isAbsolute(mask) ? mask : posix.join(base, mask);
      return expandMask(path, files).flatMap((name) => {
        let included: string;
        try {
          included = files.readText(name);
        } catch (error) {
          missing.push({ include: directive, reason: messageOf(error) });
          return [];
        }
        return resolve(parseNginx(included, name), depth + 1);
      });
    });

  const source = dump === undefined ? text : dump.get(main)!;
  return { directives: resolve(parseNginx(source, main), 0), missing };
}
