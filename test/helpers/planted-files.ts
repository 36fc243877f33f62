/** A temporary tree of source files below the project's lint configuration, and what the linter says. */
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

const root = path.resolve(import.meta.dirname, '../..');

export interface Finding {
  /** Of the rule: `eslint(no-restricted-imports)`. */
  code: string;
  /** From the directory that was linted. */
  filename: string;
  help?: string;
}

/** Everything that the linter finds in a directory. Without `config`, by the configuration found there. */
export function lint(directory: string, config?: string): Finding[] {
  const oxlint = path.join(root, 'node_modules/oxlint/bin/oxlint');
  const how = config === undefined ? [] : ['-c', config];
  let output: string;
  try {
    output = execFileSync(process.execPath, [oxlint, '--format', 'json', ...how], {
      cwd: directory,
      encoding: 'utf8',
      maxBuffer: 64 * 1024 * 1024,
    });
  } catch (error) {
    // It ends with 1 where it finds something.
    output = (error as { stdout: string }).stdout;
  }
  return (JSON.parse(output) as { diagnostics: Finding[] }).diagnostics;
}

/** Files that a rule reports, each once, in order. */
export function offenders(findings: readonly Finding[], rule: string): string[] {
  const reported = findings.filter(({ code }) => code.includes(rule));
  return [...new Set(reported.map(({ filename }) => filename))].toSorted();
}

export class PlantedFiles {
  readonly root = fs.mkdtempSync(path.join(os.tmpdir(), 'streamgauge-planted-'));

  constructor() {
    for (const name of ['.oxlintrc.json', '.oxlint-layers.json']) {
      fs.copyFileSync(path.join(root, name), path.join(this.root, name));
    }
  }

  write(file: string, text: string): void {
    fs.mkdirSync(path.dirname(path.join(this.root, file)), { recursive: true });
    fs.writeFileSync(path.join(this.root, file), text);
  }

  remove(): void {
    fs.rmSync(this.root, { recursive: true });
  }
}
