/** The command line as a whole: what it reads, what it runs, how it ends. */
import { Command, CommanderError, Option } from 'commander';
import { exitCodes } from '../exit-codes.ts';
import { formatError, messageOf, StreamgaugeError } from '../errors.ts';
import { toolVersion } from '../engine/fingerprint.ts';
import { realWorld, type World } from '../world.ts';
import { compareCommand } from './commands/compare.ts';
import { completionCommand } from './commands/completion.ts';
import { diagnoseCommand } from './commands/diagnose.ts';
import { initCommand } from './commands/init.ts';
import { mockCommand } from './commands/mock.ts';
import { proxyCommand } from './commands/proxy.ts';
import { reportCommand } from './commands/report.ts';
import { runCommand } from './commands/run.ts';
import { schemaCommand } from './commands/schema.ts';
import { validateCommand } from './commands/validate.ts';

/** The tree of commands; also read by `completion` and by the generated reference. */
export function makeProgram(world: World): Command {
  const program = new Command('streamgauge')
    .description('Load-test and benchmark streaming AI APIs: SSE, WebSocket, Realtime')
    .version(toolVersion(), '-V, --version')
    .addOption(new Option('--debug', 'print stack traces of errors').env('STREAMGAUGE_DEBUG'))
    .showHelpAfterError('(add --help for the options)')
    .exitOverride()
    .configureOutput({
      writeOut: (text) => world.console.stdout(text),
      writeErr: (text) => world.console.stderr(text),
    })
    .addHelpText('after', `\nExit codes:\n${exitCodeTable()}`);
  for (const command of [
    runCommand(world),
    compareCommand(world),
    reportCommand(world),
    mockCommand(world),
    proxyCommand(world),
    diagnoseCommand(world),
    initCommand(world),
    validateCommand(world),
    schemaCommand(world),
    completionCommand(world),
  ]) {
    // Commander copies these settings only to commands it creates itself.
    program.addCommand(command.copyInheritedSettings(program));
  }
  return program;
}

function exitCodeTable(): string {
  return Object.values(exitCodes)
    .map(({ code, meaning }) => `  ${String(code).padStart(3)}  ${meaning}\n`)
    .join('');
}

/** Runs the command line; sets `process.exitCode`, never calls `process.exit`. */
export async function main(argv: readonly string[] = process.argv): Promise<void> {
  const world = realWorld();
  const program = makeProgram(world);
  try {
    await program.parseAsync([...argv]);
  } catch (error) {
    process.exitCode = report(error, world, Boolean(program.opts()['debug']));
  }
}

function report(error: unknown, world: World, debug: boolean): number {
  if (error instanceof CommanderError) {
    // Help and version end this way too.
    return error.exitCode === 0 ? exitCodes.ok.code : exitCodes.usage.code;
  }
  if (error instanceof StreamgaugeError) {
    world.console.stderr(formatError(error));
    if (debug && error.stack) world.console.stderr(`${error.stack}\n`);
    return error.exitCode;
  }
  world.console.stderr(
    `error[internal]: ${messageOf(error)}\n  = this is a defect in streamgauge; run again with --debug for the stack trace\n`,
  );
  if (debug && error instanceof Error) world.console.stderr(`${error.stack}\n`);
  return exitCodes.crash.code;
}
