// @ts-check
/**
 * What each real proxy does when a client leaves, by way and by moment: measured, and written to
 * reports/cancellation/README.md. Proxies that are not installed are left out and named.
 *
 *   npm run build && node scripts/cancellation-table.js [--rounds 3]
 */
import fs from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { leaveOnce, moments, stream } from './cancellation/measure.js';
import { tableProxies } from './cancellation/proxies.js';

const { values: flags } = parseArgs({ options: { rounds: { type: 'string', default: '3' } } });
const rounds = Number(flags.rounds);
const built = (/** @type {string} */ name) =>
  import(new URL(`../dist/${name}.js`, import.meta.url).href);
const { Session } = await built('src/session/session');
const { dialectNamed } = await built('src/dialect/registry');
const { RealScheduler } = await built('src/timer/real-scheduler');
const { openChannel } = await built('src/transport/registry');
const { ParkedConnections } = await built('src/transport/leaving');
const { startMockProcess } = await built('mock-server/mock-process');
const { startRealProxy } = await built('src/proxy/real/start');
const { startBufferingProxyProcess } = await built('src/proxy/proxy-process');
const { whyMissing } = await built('src/proxy/real/registry');
const parts = { Session, dialectNamed, RealScheduler, openChannel, ParkedConnections };

const hows = /** @type {const} */ (['fin', 'rst', 'half_close', 'black_hole']);
const mock = await startMockProcess({ ...stream });
const target = { host: '127.0.0.1', port: mock.port };
/** @type {{ name: string, port: number | undefined, close: () => Promise<void> }[]} */
const paths = [{ name: 'straight', port: undefined, close: async () => {} }];
/** @type {string[]} */
const missing = [];
for (const { name, real, simulated } of tableProxies) {
  const why = whyMissing(real.kind);
  if (why === undefined) paths.push({ name, ...(await startRealProxy({ ...real, target })) });
  else missing.push(`${name}: ${why}`);
  if (simulated) {
    const proxy = await startBufferingProxyProcess({ ...simulated, target });
    paths.push({ name: `${name}, simulated`, port: proxy.port, close: () => proxy.close() });
  }
}

/** @type {(values: number[]) => number} */
const median = (values) =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
// The first streams of a process are late by what it takes to compile it.
for (const { name, port } of paths) {
  const moment = /** @type {typeof moments[string]} */ (moments['in mid-stream']);
  await leaveOnce(parts, mock, { name: `warm-up/${name}`, port, how: 'rst', moment });
}
const rows = [];
for (const [moment, when] of Object.entries(moments)) {
  for (const how of hows) {
    /** @type {Map<string, import('./cancellation/measure.js').LeaveMeasured[]>} */
    const seen = new Map(paths.map(({ name }) => [name, []]));
    for (let round = 0; round < rounds; round++) {
      // Side by side, a little apart: none of them loads the machine.
      await Promise.all(
        paths.map(async ({ name, port }, index) => {
          await new Promise((resolve) => setTimeout(resolve, index * 7));
          const one = { name: `${name}/${moment}/${how}/${round}`, port, how, moment: when };
          seen.get(name)?.push(await leaveOnce(parts, mock, one));
        }),
      );
    }
    for (const [name, all] of seen) {
      const of = (/** @type {'had' | 'produced' | 'wasted' | 'latencyMs'} */ key) =>
        median(all.map((one) => one[key]));
      rows.push({ moment, how, name, end: all[0]?.end ?? '', of });
      process.stderr.write(
        `${moment} · ${how} · ${name}: ${of('wasted')} wasted, ${of('latencyMs').toFixed(1)} ms\n`,
      );
    }
  }
}
for (const { close } of paths) await close();
await mock.close();

const lines = [
  '# What a server produces for clients that have left',
  '',
  `Written by \`node scripts/cancellation-table.js\`: ${stream.tokens} tokens, one each ${stream.itl}, the first after ${stream.ttft}, each event some 230 bytes; median of ${rounds} on ${process.platform}, Node ${process.version}. *Had*: tokens the client had when it left. *Wasted*: tokens the server had produced when it stopped, less those. *Stopped after*: from the client's leaving, by the mock server's record on the shared clock. Lines that say *simulated* are the models of \`proxy: { kind: … }\`.`,
  '',
  'Counts and milliseconds differ from run to run by a few; the behaviours do not.',
  ...(missing.length > 0 ? ['', ...missing.map((text) => `- left out: ${text}`)] : []),
];
for (const moment of Object.keys(moments)) {
  lines.push('', `## Leaving ${moment}`, '');
  lines.push('| way | path | had | produced | wasted | stopped after | ended as |');
  lines.push('|---|---|--:|--:|--:|--:|---|');
  for (const row of rows.filter((one) => one.moment === moment)) {
    const ms = row.of('latencyMs');
    lines.push(
      `| ${row.how} | ${row.name} | ${row.of('had')} | ${row.of('produced')} | ${row.of('wasted')} | ${ms < 10 ? ms.toFixed(1) : Math.round(ms)} ms | ${row.end} |`,
    );
  }
}
const file = path.resolve(import.meta.dirname, '../reports/cancellation/README.md');
fs.mkdirSync(path.dirname(file), { recursive: true });
fs.writeFileSync(file, `${lines.join('\n')}\n`);
process.stdout.write(`wrote ${path.relative(process.cwd(), file)}\n`);
process.exit(0);
