import { Command } from 'commander';
import { formatError, StreamgaugeError } from '../../errors.ts';
import { exitCodes } from '../../exit-codes.ts';
import { describeArm, describeMatrix } from '../../scenario/describe.ts';
import { loadScenario } from '../../scenario/load.ts';
import type { World } from '../../world.ts';
import { collect } from '../options.ts';

export function validateCommand(world: World): Command {
  return new Command('validate')
    .description('check scenario files without running them')
    .argument('<files...>', 'scenario files, YAML or JSON')
    .option('--set <path=value>', 'overrides one value first; may be repeated', collect, [])
    .addHelpText(
      'after',
      '\nA key whose environment variable is not set is not a mistake here: nothing is sent.\n' +
        '\nExample:\n  streamgauge validate scenarios/*.yaml\n',
    )
    .action((files: string[], flags: { set: string[] }) => {
      for (const file of files) {
        try {
          const plan = loadScenario(file, world, { set: flags.set, allowMissingKeys: true });
          const lines = plan.arms.map((arm) => `  ${arm.name}: ${describeArm(arm)}`);
          const matrix = describeMatrix(plan);
          if (matrix !== undefined) lines.unshift(`  matrix: ${matrix}`);
          if (plan.gates.length > 0) {
            lines.push(`  ${plan.gates.length} ${plan.gates.length === 1 ? 'gate' : 'gates'}`);
          }
          world.console.stdout(`${[`ok ${file}: ${plan.name}`, ...lines].join('\n')}\n`);
        } catch (error) {
          if (!(error instanceof StreamgaugeError)) throw error;
          world.console.stderr(formatError(error));
          process.exitCode = error.exitCode;
        }
      }
    })
    .addHelpText(
      'after',
      `\nExits with ${exitCodes.scenarioInvalid.code} when a file is invalid.\n`,
    );
}
