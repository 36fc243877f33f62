/** A world in memory: files in a map, a clock that moves when told to, text that can be read back. */
import * as path from 'node:path';
import type { World } from '../../src/world.ts';

export interface MemoryWorld extends World {
  /** Text files by absolute path. */
  stored: Map<string, string>;
  out(): string;
  err(): string;
  advance(ms: number): void;
  resize(columns: number): void;
}

function failure(code: string, message: string): Error {
  return Object.assign(new Error(`${code}: ${message}`), { code });
}

export function memoryWorld(
  options: {
    files?: Record<string, string>;
    interactive?: boolean;
    columns?: number;
    color?: boolean;
    /** Paths below this one refuse every write. */
    readOnly?: string;
  } = {},
): MemoryWorld {
  const cwd = '/work-folder';
  const stored = new Map(
    Object.entries(options.files ?? {}).map(([name, text]) => [path.resolve(cwd, name), text]),
  );
  const directories = new Set<string>(['/', cwd]);
  const addParents = (name: string): void => {
    for (let folder = path.dirname(name); !directories.has(folder); folder = path.dirname(folder)) {
      directories.add(folder);
    }
  };
  for (const name of stored.keys()) addParents(name);
  const write = (name: string, text: string): void => {
    if (options.readOnly && name.startsWith(options.readOnly)) throw failure('EACCES', name);
    if (!directories.has(path.dirname(name))) throw failure('ENOENT', name);
    stored.set(name, text);
  };
  let out = '';
  let err = '';
  let nowNs = 1e12;
  let columns = options.columns ?? 80;
  return {
    stored,
    out: () => out,
    err: () => err,
    advance: (ms) => {
      nowNs += ms * 1e6;
    },
    resize: (width) => {
      columns = width;
    },
    clock: { now: () => nowNs, wall: () => 1_768_471_200_000 },
    cwd,
    env: {},
    console: {
      stdout: (text) => {
        out += text;
      },
      stderr: (text) => {
        err += text;
      },
      interactive: options.interactive ?? false,
      get columns() {
        return columns;
      },
      color: options.color ?? false,
    },
    files: {
      readText: (name) => {
        if (directories.has(name)) throw failure('EISDIR', name);
        const text = stored.get(name);
        if (text === undefined) throw failure('ENOENT', name);
        return text;
      },
      writeText: write,
      appendText: (name, text) => write(name, (stored.get(name) ?? '') + text),
      exists: (name) => {
        const folder = /[/\\]\.$/.test(name);
        const normal = path.normalize(name).replace(/[/\\]$/, '');
        return directories.has(normal) || (!folder && stored.has(normal));
      },
      list: (name) => {
        const inside = [...stored.keys(), ...directories].filter(
          (entry) => entry !== name && path.dirname(entry) === path.normalize(name),
        );
        return inside.map((entry) => path.basename(entry));
      },
      makeDirectory: (name) => {
        if (stored.has(name)) throw failure('EEXIST', name);
        if (options.readOnly && name.startsWith(options.readOnly)) throw failure('EACCES', name);
        addParents(path.join(name, 'x'));
      },
      rename: (from, to) => {
        const text = stored.get(from);
        if (text === undefined) throw failure('ENOENT', from);
        stored.delete(from);
        stored.set(to, text);
      },
      remove: (name) => void stored.delete(name),
    },
  };
}
