/**
 * Runs benchmarks: `npm run bench -- sse-parser` for bench/sse-parser.ts; without a name, it lists
 * them. They are TypeScript, which Node 20 cannot run, so they are compiled to build/ first.
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

const known = fs
  .readdirSync(path.join(root, 'bench'))
  .filter((file) => file.endsWith('.ts'))
  .map((file) => file.slice(0, -3));

if (name === undefined || !known.includes(name)) {
  process.stdout.write(`usage: npm run bench -- NAME, where NAME is one of ${known.join(', ')}\n`);
  process.exitCode = name === undefined ? 0 : 2;
} else {
  node('node_modules/typescript/bin/tsc', '-p', 'tsconfig.bench.json');
  // Programs that read the project's own version or files look for package.json above themselves.
  fs.copyFileSync(path.join(root, 'package.json'), path.join(root, 'build/package.json'));
  node(`build/bench/${name}.js`, ...rest);
}
