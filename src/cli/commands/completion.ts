import { Argument, Command } from 'commander';
import type { World } from '../../world.ts';
import { completionScript, shells, type Shell } from '../completion-script.ts';

export function completionCommand(world: World): Command {
  return new Command('completion')
    .description('print a completion script for a shell')
    .addArgument(new Argument('<shell>', 'which shell').choices(shells))
    .addHelpText(
      'after',
      '\nTo install:\n' +
        '  bash  streamgauge completion bash > ~/.local/share/bash-completion/completions/streamgauge\n' +
        '  zsh   streamgauge completion zsh > "${fpath[1]}/_streamgauge"\n' +
        '  fish  streamgauge completion fish > ~/.config/fish/completions/streamgauge.fish\n',
    )
    .action((shell: Shell, _flags: unknown, command: Command) => {
      const program = command.parent ?? command;
      world.console.stdout(completionScript(shell, program));
    });
}
