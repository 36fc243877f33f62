/** Where and with what a run was made. */
import { createHash, randomUUID } from 'node:crypto';
import { createRequire } from 'node:module';
import * as os from 'node:os';
import type { Result } from '../result/schema.ts';

const libraries = ['undici', 'ws', 'openai', 'hdr-histogram-js'] as const;

const require = createRequire(import.meta.url);

function versionOf(library: string): string {
  try {
    return (require(`${library}/package.json`) as { version: string }).version;
  } catch {
    return 'unknown'; // A package may hide its package.json behind `exports`.
  }
}

/** Version of streamgauge itself, from its package.json; the same path from src/ and from dist/src/. */
export function toolVersion(): string {
  for (const path of ['../../package.json', '../../../package.json']) {
    try {
      const manifest = require(path) as { name?: string; version?: string };
      if (manifest.name === 'streamgauge' && manifest.version) return manifest.version;
    } catch {
      continue;
    }
  }
  return 'unknown';
}

export function environment(): Result['environment'] {
  const cpus = os.cpus();
  return {
    node: process.version,
    platform: `${process.platform} ${process.arch} ${os.release()}`,
    cpu: cpus[0]?.model.trim() || 'unknown',
    cores: os.availableParallelism(),
    memory_mb: Math.round(os.totalmem() / 1e6),
    libraries: Object.fromEntries(libraries.map((name) => [name, versionOf(name)])),
  };
}

/** Hash of a scenario's meaning: key order and comments do not change it. */
export function scenarioHash(source: unknown): string {
  return createHash('sha256').update(canonical(source)).digest('hex');
}

function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (typeof value === 'object' && value !== null) {
    const members = Object.entries(value)
      .filter(([, member]) => member !== undefined)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, member]) => `${JSON.stringify(key)}:${canonical(member)}`);
    return `{${members.join(',')}}`;
  }
  return JSON.stringify(value) ?? 'null';
}

export function newRunId(): string {
  return randomUUID();
}
