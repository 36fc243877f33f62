import * as path from 'node:path';
import { Command, Option } from 'commander';
import { exitCodes } from '../../exit-codes.ts';
import { TwoStageStop } from '../../engine/run-control.ts';
import { runPlan } from '../../engine/run.ts';
import { verdictOf } from '../../report/view/verdict.ts';
import { makeLiveView } from '../../report/terminal/live.ts';
import {
  parseFormat,
  renderReport,
  reportFormats,
  type ReportFormat,
} from '../../report/registry.ts';
import type { Result } from '../../result/schema.ts';
import { StreamLog } from '../../result/streams.ts';
import { prepareOutput, resultFileName, writeAtomic, writeResult } from '../../result/write.ts';
import { describeMatrix } from '../../scenario/describe.ts';
import { loadScenario } from '../../scenario/load.ts';
import type { Plan } from '../../scenario/plan.ts';
import { isoTime } from '../../wall-time.ts';
import { exampleKeyVariable } from '../../dialect/registry.ts';
import type { World } from '../../world.ts';
import { collect } from '../options.ts';
import { printConfig } from '../print-config.ts';

interface RunFlags {
  out?: string;
  format: string;
  records?: boolean;
  seed?: string;
  set: string[];
  quiet?: boolean;
  printConfig?: boolean;
}

export function runCommand(world: World): Command {
  return new Command('run')
    .description('run a scenario and write its report')
    .argument('<scenario>', 'scenario file, YAML or JSON')
    .addOption(
      new Option(
        '-o, --out <dir>',
        'where result and reports go (default: reports/runs/NAME-TIME)',
      ).env('STREAMGAUGE_OUT'),
    )
    .addOption(
      new Option(
        '-f, --format <list>',
        `reports to write in addition to result.json, comma-separated: ${reportFormats.join(', ')}`,
      )
        .default('html')
        .env('STREAMGAUGE_FORMAT'),
    )
    .addOption(
      new Option('--records', 'also write streams.jsonl: one line per turn, for drilling down').env(
        'STREAMGAUGE_RECORDS',
      ),
    )
    .addOption(new Option('--seed <seed>', 'overrides the scenario’s seed').env('STREAMGAUGE_SEED'))
    .option(
      '--set <path=value>',
      'overrides one value of the scenario; may be repeated',
      collect,
      [],
    )
    .addOption(new Option('-q, --quiet', 'no live progress').env('STREAMGAUGE_QUIET'))
    .option('--print-config', 'show every value and where it came from, and stop')
    .addHelpText(
      'after',
      '\nExamples:\n' +
        '  streamgauge run scenarios/quickstart.yaml\n' +
        '  streamgauge run chat.yaml --set load.duration=10s --format html,junit,markdown\n' +
        `  ${exampleKeyVariable}=… streamgauge run scenarios/real-openai.yaml\n`,
    )
    .action(async (file: string, flags: RunFlags, command: Command) => {
      const set = flags.seed === undefined ? flags.set : [...flags.set, `seed=${flags.seed}`];
      const plan = loadScenario(file, world, { set });
      if (flags.printConfig) {
        world.console.stdout(printConfig(plan, file, set, command, world));
        return;
      }
      process.exitCode = await runAndReport(plan, flags, world);
    });
}

async function runAndReport(plan: Plan, flags: RunFlags, world: World): Promise<number> {
  const formats = parseFormats(flags.format);
  const directory = prepareOutput(flags.out ?? defaultDirectory(plan.name, world), world);
  const log = flags.records
    ? new StreamLog(path.join(directory, 'streams.jsonl'), world)
    : undefined;
  const view = flags.quiet ? undefined : makeLiveView(world);
  const stop = new TwoStageStop();
  const onSignal = (): void => {
    const state = stop.request();
    view?.note(
      state === 'stop'
        ? 'stopping: running sessions may finish; press Ctrl-C again to end them now'
        : 'aborting: results so far are kept',
    );
  };
  process.on('SIGINT', onSignal);
  process.on('SIGTERM', onSignal);
  let result: Result;
  try {
    view?.note(describe(plan));
    result = await runPlan(plan, {
      clock: world.clock,
      cwd: world.cwd,
      control: stop,
      ...(view
        ? {
            onSnapshot: (snapshot) => view.update(snapshot),
            onNote: (text: string) => view.note(text),
          }
        : { onNote: (text: string) => world.console.stderr(`${text}\n`) }),
      ...(log ? { onStream: (sample) => log.add(sample) } : {}),
      onProgress: (soFar) => {
        writeResult(directory, soFar, world);
        log?.flush();
      },
    });
  } finally {
    process.off('SIGINT', onSignal);
    process.off('SIGTERM', onSignal);
    view?.stop();
  }
  const files = [path.join(directory, resultFileName), ...(log ? [log.file] : [])];
  writeResult(directory, result, world);
  for (const format of formats) files.push(...writeReport(format, result, directory, world));
  const shown = files.map((file) => path.relative(world.cwd, file) || file);
  world.console.stdout(
    renderReport('terminal', result, {
      color: world.console.color,
      width: world.console.columns,
      filesWritten: shown,
    })
      .map(({ text }) => text)
      .join(''),
  );
  return exitCodes[verdictOf(result).exit].code;
}

function writeReport(
  format: ReportFormat,
  result: Result,
  directory: string,
  world: World,
): string[] {
  return renderReport(format, result).map(({ name, text }) => {
    const file = path.join(directory, name);
    writeAtomic(file, text, world);
    return file;
  });
}

function parseFormats(list: string): ReportFormat[] {
  const names = list
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '' && name !== 'terminal');
  return names.map(parseFormat);
}

function defaultDirectory(name: string, world: World): string {
  const slug =
    name
      .toLowerCase()
      .replace(/[^a-z0-9]+/g, '-')
      .replace(/^-+|-+$/g, '')
      .slice(0, 60) || 'run';
  const stamp = isoTime(world.clock.wall()).slice(0, 19).replace(/[-:]/g, '');
  return path.join('reports', 'runs', `${slug}-${stamp}`);
}

function describe(plan: Plan): string {
  const names = plan.arms.map((arm) => arm.name).join(', ');
  const trials = plan.trials > 1 ? `, ${plan.trials} trials each` : '';
  const arms =
    describeMatrix(plan) ??
    `${plan.arms.length} ${plan.arms.length === 1 ? 'arm' : 'arms'} (${names})`;
  return `${plan.name}: ${arms}${trials}, seed ${plan.seed}`;
}
