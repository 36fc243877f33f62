/**
 * How often diagnosis is right: every case of test/helpers/diagnosis/cases.ts, again and again, against
 * the installed programs. Writes reports/diagnosis/confusion-matrix.md and .json.
 *
 *   node scripts/confusion-matrix.js [--repeat 20] [--concurrency 8] [--processes 2] [--seed 1] [--only TEXT]
 *                                    [--out FOLDER] [--from FILE]... [--note TEXT]
 *
 * `--note` says what else was going on.
 * `--from` reads what earlier runs wrote instead of measuring; several add up, case by case.
 * Builds nothing: run `npm run build` first. 20 repeats take about half an hour on two cores.
 */
import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import * as os from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const { values: flags } = parseArgs({
  options: {
    repeat: { type: 'string', default: '3' },
    concurrency: { type: 'string', default: '8' },
    processes: { type: 'string', default: '2' },
    seed: { type: 'string', default: '1' },
    only: { type: 'string', default: '' },
    out: { type: 'string', default: 'reports/diagnosis' },
    from: { type: 'string', multiple: true },
    note: { type: 'string', default: '' },
  },
});
const root = fileURLToPath(new URL('..', import.meta.url));

/** Load of the machine: its own runs are part of it. */
const load = () => os.loadavg()[0].toFixed(1);

/** One process, with its share of the cases. */
function measureShard(file, shard) {
  // A test that fails is a wrong verdict, which belongs into the matrix.
  const child = spawn('npx', ['vitest', 'run', 'test/timing/diagnose.test.ts'], {
    cwd: root,
    stdio: ['ignore', 'inherit', 'ignore'],
    env: {
      ...process.env,
      STREAMGAUGE_DIAGNOSE_REPEAT: flags.repeat,
      STREAMGAUGE_DIAGNOSE_CONCURRENCY: flags.concurrency,
      STREAMGAUGE_DIAGNOSE_SEED: flags.seed,
      STREAMGAUGE_DIAGNOSE_ONLY: flags.only,
      STREAMGAUGE_DIAGNOSE_SHARD: shard,
      STREAMGAUGE_DIAGNOSE_OUT: file,
    },
  });
  return new Promise((resolve) => {
    child.once('close', () => resolve(JSON.parse(readFileSync(file, 'utf8'))));
  });
}

async function measure() {
  const folder = mkdtempSync(join(os.tmpdir(), 'streamgauge-matrix-'));
  const before = load();
  const started = new Date();
  const processes = Number(flags.processes);
  const shards = await Promise.all(
    Array.from({ length: processes }, (_, i) =>
      measureShard(join(folder, `${i}.json`), `${i + 1}/${processes}`),
    ),
  );
  rmSync(folder, { recursive: true });
  // In the order of the catalogue again.
  const cases = Array.from({ length: Math.max(...shards.map((shard) => shard.length)) }, (_, i) =>
    shards.flatMap((shard) => shard[i] ?? []),
  ).flat();
  return {
    conditions: {
      date: started.toISOString().slice(0, 10),
      minutes: Math.round((Date.now() - started.getTime()) / 60_000),
      repeat: Number(flags.repeat),
      concurrency: Number(flags.concurrency) * processes,
      cores: os.cpus().length,
      cpu: os.cpus()[0]?.model.trim() ?? '',
      system: `${os.type()} ${os.release()}`,
      node: process.version,
      load_before: before,
      load_after: load(),
      programs: versions(),
    },
    cases,
  };
}

function versions() {
  const asked = {
    nginx: ['-v'],
    haproxy: ['-v'],
    apache2: ['-v'],
    caddy: ['version'],
    varnishd: ['-V'],
  };
  const found = {};
  for (const [name, args] of Object.entries(asked)) {
    const { stdout, stderr, error } = spawnSync(name, args, {
      encoding: 'utf8',
      env: { ...process.env, PATH: `${process.env.PATH}:/usr/sbin` },
    });
    if (error) continue;
    found[name] = /\d+\.\d+(\.\d+)?/.exec(`${stdout}${stderr}`)?.[0] ?? '';
  }
  for (const name of ['express', 'compression']) {
    const manifest = join(root, 'node_modules', name, 'package.json');
    found[name] = JSON.parse(readFileSync(manifest, 'utf8')).version;
  }
  return found;
}

// ── the report ──────────────────────────────────────────────────────────────────────────────────

const percent = (part, whole) =>
  whole === 0 ? '–' : `${((100 * part) / whole).toFixed(1).replace(/\.0$/, '')} %`;
const rightOf = ({ outcomes }) => outcomes.filter(({ wrong }) => wrong.length === 0).length;
const byName = (a, b) => a.localeCompare(b);
const sum = (values) => values.reduce((total, value) => total + value, 0);
const counted = (values) => {
  const counts = new Map();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return [...counts].sort(([, a], [, b]) => b - a);
};

/** `4,096 B`, `220 ms`: what a verdict says in addition to its kind; the middle one of all. */
function sizesOf(outcomes) {
  const middle = (key) => {
    const values = outcomes
      .map(({ verdict }) => verdict[key])
      .filter((value) => value !== undefined)
      .sort((a, b) => a - b);
    return values[Math.floor(values.length / 2)];
  };
  const parts = [
    [middle('size_bytes'), 'B'],
    [middle('period_ms'), 'ms'],
    [middle('limit_ms'), 'ms'],
  ];
  return parts
    .filter(([value]) => value !== undefined)
    .map(([value, unit]) => `${Math.round(value).toLocaleString('en-US')} ${unit}`)
    .join(', ');
}

function totals(cases) {
  const all = cases.flatMap(({ outcomes }) => outcomes);
  const clean = cases.filter((one) => one.clean).flatMap(({ outcomes }) => outcomes);
  return {
    cases: cases.filter(({ outcomes }) => outcomes.length > 0).length,
    diagnoses: all.length,
    right: sum(cases.map(rightOf)),
    clean: clean.length,
    false_alarms: clean.filter(({ falseAlarm }) => falseAlarm).length,
  };
}

function markdown({ conditions, cases }) {
  const { diagnoses, right, clean, false_alarms: alarms, cases: tried } = totals(cases);
  const given = [...new Set(cases.flatMap((one) => one.outcomes.map((o) => o.verdict.kind)))];
  const expected = [...new Set(cases.map((one) => one.expected[0]))];
  const kinds = [...new Set([...expected, ...given])].toSorted(byName);
  const row = (cells) => `| ${cells.join(' | ')} |`;
  const programs = Object.entries(conditions.programs).map(
    ([name, version]) => `${name} ${version}`,
  );
  const lines = [
    '# How often diagnosis is right',
    '',
    `**${percent(right, diagnoses)} right** (${right} of ${diagnoses} diagnoses of ${tried} cases); **${alarms} false ${alarms === 1 ? 'alarm' : 'alarms'}** in ${clean} diagnoses of clean paths.`,
    '',
    "A diagnosis counts as right if its verdict is, and with it the buffer's size, the period or the limit (within the bounds of the case), the component first suspected and the lines to paste, where the case says what they must be. A false alarm is any verdict of a clean path that ends the command with code 99.",
    '',
    `${conditions.date}: each case ${conditions.repeat} times, ${conditions.concurrency} cases at a time, ${conditions.minutes} minutes on ${conditions.cores} cores (${conditions.cpu}, ${conditions.system}, Node ${conditions.node}); load average ${conditions.load_before} before, ${conditions.load_after} after.${conditions.note === '' ? '' : ` ${conditions.note}`} Programs: ${programs.join(', ')}.`,
    '',
    'Again: `npm run build && node scripts/confusion-matrix.js --repeat 20`. The cases are in `test/helpers/diagnosis/cases.ts`; that each does to a stream what its name says is held by `test/timing/diagnosis-cases.test.ts`, with a client that shares no code with the diagnosis.',
    '',
    '## Verdicts expected and given',
    '',
    'Rows are what is in the path, columns what was said. Where a case allows two verdicts, it is in the row of the first; under a loss of 2 % both `packet_loss` and `streams` are right, as a short stream may lose nothing.',
    '',
    row(['', ...kinds.map((kind) => `\`${kind}\``)]),
    row(['---', ...kinds.map(() => '---:')]),
    ...expected.toSorted(byName).map((kind) => {
      const outcomes = cases
        .filter((one) => one.expected[0] === kind)
        .flatMap((one) => one.outcomes);
      return row([
        `**${kind}**`,
        ...kinds.map((said) => {
          const count = outcomes.filter(({ verdict }) => verdict.kind === said).length;
          return count === 0 ? '' : `${count} (${percent(count, outcomes.length)})`;
        }),
      ]);
    }),
    '',
    '## By case',
    '',
  ];
  for (const group of new Set(cases.map((one) => one.group))) {
    lines.push(`### ${group}`, '');
    lines.push(
      row(['case', 'expected', 'said', 'right', 'seconds']),
      row(['---', '---', '---', '---:', '---:']),
    );
    for (const one of cases.filter((other) => other.group === group)) {
      const { outcomes } = one;
      if (one.missing) {
        lines.push(row([one.name, one.expected.join(' or '), `not run: ${one.missing}`, '', '']));
        continue;
      }
      const said = counted(outcomes.map(({ verdict }) => verdict.kind)).map(([kind, count]) => {
        const sizes = sizesOf(outcomes.filter(({ verdict }) => verdict.kind === kind));
        return `${count} × ${kind}${sizes && `, ${sizes}`}`;
      });
      const seconds = outcomes.map((outcome) => outcome.seconds).sort((a, b) => a - b);
      lines.push(
        row([
          one.name,
          one.expected.join(' or '),
          said.join('; '),
          percent(rightOf(one), outcomes.length),
          (seconds[Math.floor(seconds.length / 2)] ?? 0).toFixed(1),
        ]),
      );
    }
    lines.push('');
  }
  const wrong = cases.flatMap((one) =>
    counted(one.outcomes.filter((o) => o.wrong.length > 0).map((o) => o.wrong.join('; '))).map(
      ([what, count]) => `- ${one.group}, ${one.name}: ${count} × ${what}`,
    ),
  );
  lines.push('## What was wrong', '', ...(wrong.length > 0 ? wrong : ['Nothing.']), '');
  return lines.join('\n');
}

/** One outcome to a line; the sentence only where it was wrong. */
function records({ conditions, totals: all, cases }) {
  const short = ({ summary, ...outcome }) =>
    JSON.stringify(outcome.wrong.length > 0 ? { ...outcome, summary } : outcome);
  const one = ({ outcomes, ...rest }) =>
    `${JSON.stringify(rest).slice(0, -1)},"outcomes":[\n${outcomes.map(short).join(',\n')}]}`;
  return `{"conditions":${JSON.stringify(conditions)},\n"totals":${JSON.stringify(all)},\n"cases":[\n${cases.map(one).join(',\n')}]}\n`;
}

/** Several measurements as one: the same cases with more outcomes, other cases added. */
function together(files) {
  const parts = files.map((file) => JSON.parse(readFileSync(file, 'utf8')));
  const cases = new Map();
  for (const one of parts.flatMap((part) => part.cases)) {
    const key = `${one.group}, ${one.name}`;
    const known = cases.get(key);
    if (known) known.outcomes.push(...one.outcomes);
    else cases.set(key, one);
  }
  const conditions = parts.map((part) => part.conditions);
  const [first] = conditions;
  return {
    conditions: {
      ...first,
      repeat: Math.max(...[...cases.values()].map(({ outcomes }) => outcomes.length)),
      minutes: sum(conditions.map(({ minutes }) => minutes)),
      load_after: conditions.at(-1).load_after,
    },
    cases: [...cases.values()],
  };
}

const measured = flags.from ? together(flags.from) : await measure();
measured.conditions.note = flags.note;
mkdirSync(flags.out, { recursive: true });
const file = (name) => join(flags.out, name);
writeFileSync(
  file('confusion-matrix.json'),
  records({ ...measured, totals: totals(measured.cases) }),
);
writeFileSync(file('confusion-matrix.md'), markdown(measured));
console.log(`wrote ${file('confusion-matrix.md')} and .json`);
