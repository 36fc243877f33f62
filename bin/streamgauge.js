#!/usr/bin/env node
// Kept free of new syntax and static imports, so that an old Node prints the next line, not a parse error.
const [major, minor] = process.versions.node.split('.').map(Number);
if (major < 20 || (major === 20 && minor < 19)) {
  process.stderr.write(
    `streamgauge needs Node >= 20.19; this is ${process.version}. Try: npx -p node@24 -p streamgauge streamgauge\n`,
  );
  process.exit(2);
}
void import('../dist/src/cli/main.js').then((cli) => cli.main());
