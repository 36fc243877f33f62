import * as path from 'node:path';
import { Command, Option } from 'commander';
import { StreamgaugeError } from '../../errors.ts';
import { parseFormat, renderers, renderReport, reportFormats } from '../../report/registry.ts';
import { GateSyntaxError, parseMeasure } from '../../gate/grammar.ts';
import type { Result } from '../../result/schema.ts';
import { landmarksOf } from '../../result/arm-landmarks.ts';
import { readResult } from '../../result/read.ts';
import { prepareOutput, writeAtomic } from '../../result/write.ts';
import type { World } from '../../world.ts';
import { openFile } from '../open-file.ts';

interface ReportFlags {
  format: string;
  out?: string;
  heatmap?: string;
  open?: boolean;
}

/** @param open - shows a file on the desktop; false where that is impossible. */
export function reportCommand(
  world: World,
  open: (file: string) => Promise<boolean> = openFile,
): Command {
  return new Command('report')
    .description('make a report again from a result file')
    .argument('<result>', 'result.json of a run, or the directory that holds it')
    .addOption(
      new Option('-f, --format <format>', `one of ${reportFormats.join(', ')}`).default('terminal'),
    )
    .addOption(
      new Option('-o, --out <path>', 'file or directory to write to, - for stdout').default(
        '-',
        'stdout',
      ),
    )
    .option(
      '--heatmap <list>',
      'what heat maps show, as gates name it: stall_ratio.mean,ttft.p95 (needs a matrix)',
    )
    .option('--open', 'open the HTML report in a browser (implies --format html)')
    .addHelpText(
      'after',
      `\nFormats:\n${reportFormats.map((name) => `  ${name.padEnd(9)} ${renderers[name].description}\n`).join('')}` +
        '\nExamples:\n' +
        '  streamgauge report reports/runs/chat-20260115 --open\n' +
        '  streamgauge report result.json --format markdown >> "$GITHUB_STEP_SUMMARY"\n' +
        '  streamgauge report result.json --format hgrm --out curves/\n',
    )
    .action(async (file: string, flags: ReportFlags, command: Command) => {
      await report(file, flags, command, world, open);
    });
}

async function report(
  file: string,
  flags: ReportFlags,
  command: Command,
  world: World,
  open: (file: string) => Promise<boolean>,
): Promise<void> {
  const chosen = command.getOptionValueSource('format') === 'cli';
  if (flags.open && chosen && flags.format !== 'html') {
    throw new StreamgaugeError(`--open shows the HTML report, not ${flags.format}`, {
      code: 'open-needs-html',
      exit: 'usage',
      hints: ['leave out --format, or use --format html'],
    });
  }
  const format = parseFormat(flags.open ? 'html' : flags.format);
  const result = withHeatMaps(readResult(file, world), flags.heatmap);
  const toTerminal = flags.out === '-' && !flags.open;
  const files = renderReport(format, result, {
    color: toTerminal && world.console.color,
    width: toTerminal ? world.console.columns : 100,
  });
  if (toTerminal) {
    if (files.length > 1) {
      throw new StreamgaugeError(
        `${format} makes ${files.length} files, which stdout cannot hold`,
        {
          code: 'several-files',
          exit: 'usage',
          hints: ['name a directory with --out DIR'],
        },
      );
    }
    world.console.stdout(files.map(({ text }) => text).join(''));
    return;
  }
  const written = write(
    files,
    flags.out === '-' ? reportBesideResult(file, world) : flags.out!,
    world,
  );
  for (const name of written) world.console.stderr(`${path.relative(world.cwd, name) || name}\n`);
  if (flags.open && !(await open(written[0]!))) {
    world.console.stderr(`no program to open it with: open ${written[0]} in a browser\n`);
  }
}

/** @throws StreamgaugeError `bad-heatmap` (exit: usage). */
function withHeatMaps(result: Result, list: string | undefined): Result {
  if (list === undefined) return result;
  const wrong = (message: string, hints: readonly string[]): StreamgaugeError =>
    new StreamgaugeError(message, { code: 'bad-heatmap', exit: 'usage', hints: [...hints] });
  if (result.arms.every((arm) => arm.cell === undefined)) {
    throw wrong('--heatmap: this run had no matrix, so there is nothing to map', [
      'add matrix: { network.rtt: [1ms, 50ms], network.loss: [0%, 2%] } to its scenario',
    ]);
  }
  const heatmap = list.split(',').map((text) => text.trim());
  for (const text of heatmap) {
    try {
      parseMeasure(text, landmarksOf(result.arms));
    } catch (error) {
      if (!(error instanceof GateSyntaxError)) throw error;
      throw wrong(
        `--heatmap ${text}: ${error.message.replace(' on the left side', '')}`,
        error.hints,
      );
    }
  }
  return { ...result, heatmap };
}

/** The directory a result lies in, as the place for a report without --out. */
function reportBesideResult(file: string, world: World): string {
  const absolute = path.resolve(world.cwd, file);
  return isDirectory(absolute, world) ? absolute : path.dirname(absolute);
}

function isDirectory(absolute: string, world: World): boolean {
  // The name "." exists in directories only.
  return world.files.exists(`${absolute}${path.sep}.`);
}

function write(
  files: readonly { name: string; text: string }[],
  out: string,
  world: World,
): string[] {
  const absolute = path.resolve(world.cwd, out);
  const directory = files.length > 1 || /[/\\]$/.test(out) || isDirectory(absolute, world);
  if (directory) prepareOutput(absolute, world);
  return files.map(({ name, text }) => {
    const target = directory ? path.join(absolute, name) : absolute;
    writeAtomic(target, text, world);
    return target;
  });
}
