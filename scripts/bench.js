/**
 * Runs benchmarks: `npm run bench -- sse-parser` for bench/sse-parser.ts; without a name, it lists
 * them. Those in TypeScript, which Node 20 cannot run, are compiled to build/ first; those in
 * JavaScript use dist/, which is brought up to date.
 */
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';

const root = path.resolve(import.meta.dirname, '..');
const [name, ...rest] = process.argv.slice(2);

/** @param {readonly string[]} args */
function node(...args) {
  const { status } = spawnSync(process.execPath, args, { cwd: root, stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
}

const files = fs.readdirSync(path.join(root, 'bench')).filter((file) => /\.[jt]s$/.test(file));
const file = files.find((known) => path.parse(known).name === name);
const compiler = 'node_modules/typescript/bin/tsc';

if (file === undefined) {
  const names = files.map((known) => path.parse(known).name).join(', ');
  process.stdout.write(`usage: npm run bench -- NAME, where NAME is one of ${names}\n`);
  process.exitCode = name === undefined ? 0 : 2;
} else if (file.endsWith('.js')) {
  node(compiler, '-p', 'tsconfig.build.json');
  node(`bench/${file}`, ...rest);
} else {
  node(compiler, '-p', 'tsconfig.bench.json');
  // Programs that read the project's own version or files look for package.json above themselves.
  fs.copyFileSync(path.join(root, 'package.json'), path.join(root, 'build/package.json'));
  node(`build/bench/${name}.js`, ...rest);
}
