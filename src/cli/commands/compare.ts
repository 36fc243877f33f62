import { Command, Option } from 'commander';
import { exitCodes } from '../../exit-codes.ts';
import { compareResults } from '../../report/compare/comparison-model.ts';
import {
  comparisonFormats,
  parseComparisonFormat,
  renderComparison,
} from '../../report/compare/registry.ts';
import { readResult } from '../../result/read.ts';
import { writeAtomic } from '../../result/write.ts';
import type { World } from '../../world.ts';

interface CompareFlags {
  format: string;
  out: string;
}

export function compareCommand(world: World): Command {
  return new Command('compare')
    .description('lay result files side by side')
    .argument('<base>', 'result.json (or its directory) to compare with')
    .argument('<candidates...>', 'results to compare')
    .addOption(
      new Option('-f, --format <format>', `one of ${comparisonFormats.join(', ')}`).default(
        'terminal',
      ),
    )
    .addOption(
      new Option('-o, --out <file>', 'file to write to, - for stdout').default('-', 'stdout'),
    )
    .addHelpText(
      'after',
      '\nExamples:\n' +
        '  streamgauge compare before/result.json after/result.json\n' +
        '  streamgauge compare main/ branch/ --format markdown >> "$GITHUB_STEP_SUMMARY"\n',
    )
    .action((base: string, candidates: string[], flags: CompareFlags) => {
      const format = parseComparisonFormat(flags.format);
      const files = [base, ...candidates].map((file) => ({
        file,
        result: readResult(file, world),
      }));
      const model = compareResults(files);
      const toTerminal = flags.out === '-';
      const text = renderComparison(format, model, {
        color: toTerminal && world.console.color,
        width: toTerminal ? world.console.columns : 100,
      });
      if (toTerminal) {
        world.console.stdout(text);
      } else {
        writeAtomic(flags.out, text, world);
        world.console.stderr(`${flags.out}\n`);
      }
      process.exitCode = exitCodes[model.conclusion.exit].code;
    });
}
