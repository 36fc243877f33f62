/** Completion scripts, generated from the tree of commands. They need no call back into the program. */
import type { Command } from 'commander';

export const shells = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof shells)[number];

interface Entry {
  name: string;
  description: string;
  options: { flags: string[]; description: string; choices: readonly string[]; value: boolean }[];
  /** Words that the arguments may be; empty: files. */
  choices: readonly string[];
}

function entriesOf(program: Command): Entry[] {
  return program.commands.map((command) => ({
    name: command.name(),
    description: command.description(),
    options: command.options
      .filter((option) => !option.hidden)
      .map((option) => ({
        flags: [option.short, option.long].filter((flag) => flag !== undefined),
        description: option.description,
        choices: option.argChoices ?? [],
        value: option.required || option.optional,
      })),
    choices: command.registeredArguments.flatMap((argument) => argument.argChoices ?? []),
  }));
}

export function completionScript(shell: Shell, program: Command): string {
  const name = program.name();
  const entries = entriesOf(program);
  switch (shell) {
    case 'bash':
      return bash(name, entries);
    case 'zsh':
      return zsh(name, entries);
    case 'fish':
      return fish(name, entries);
  }
}

const single = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;

function bash(name: string, entries: readonly Entry[]): string {
  const cases = entries.flatMap((entry) => {
    const words = [...entry.options.flatMap(({ flags }) => flags), '--help', ...entry.choices];
    const values = entry.options
      .filter(({ choices }) => choices.length > 0)
      .map(
        ({ flags, choices }) =>
          `        ${flags.join('|')}) COMPREPLY=($(compgen -W ${single(choices.join(' '))} -- "$word")); return ;;`,
      );
    return [
      `    ${entry.name})`,
      ...(values.length > 0 ? ['      case "$before" in', ...values, '      esac'] : []),
      `      words=${single(words.join(' '))} ;;`,
    ];
  });
  return `# bash completion for ${name}
_${name}() {
  local word=\${COMP_WORDS[COMP_CWORD]} before=\${COMP_WORDS[COMP_CWORD-1]} words=
  COMPREPLY=()
  if [ "$COMP_CWORD" -eq 1 ]; then
    COMPREPLY=($(compgen -W ${single([...entries.map((entry) => entry.name), '--help', '--version'].join(' '))} -- "$word"))
    return
  fi
  case "\${COMP_WORDS[1]}" in
${cases.join('\n')}
  esac
  COMPREPLY=($(compgen -W "$words" -- "$word"))
}
complete -o default -F _${name} ${name}
`;
}

function zsh(name: string, entries: readonly Entry[]): string {
  const escaped = (text: string): string => text.replaceAll(/[[\]:\\]/g, String.raw`\$&`);
  const cases = entries.map((entry) => {
    const specs = entry.options.map(({ flags, description, choices, value }) => {
      let action = '';
      if (choices.length > 0) action = `:value:(${choices.join(' ')})`;
      else if (value) action = ':value:_files';
      const names = flags.length > 1 ? `{${flags.join(',')}}` : flags[0]!;
      return `${names}${single(`[${escaped(description)}]${action}`)}`;
    });
    const rest = entry.choices.length > 0 ? `:word:(${entry.choices.join(' ')})` : ':file:_files';
    return `    ${entry.name}) _arguments ${[...specs, single('--help[show the options]'), single(`*${rest}`)].join(' ')} ;;`;
  });
  return `#compdef ${name}
_${name}() {
  local -a commands
  commands=(
${entries.map((entry) => `    ${single(`${entry.name}:${escaped(entry.description)}`)}`).join('\n')}
  )
  if (( CURRENT == 2 )); then
    _describe command commands
    return
  fi
  local command=$words[2]
  shift words
  (( CURRENT-- ))
  case $command in
${cases.join('\n')}
  esac
}
if [ "$funcstack[1]" = "_${name}" ]; then _${name} "$@"; else compdef _${name} ${name}; fi
`;
}

function fish(name: string, entries: readonly Entry[]): string {
  const lines = [`# fish completion for ${name}`];
  for (const entry of entries) {
    const here = `-n ${single(`__fish_seen_subcommand_from ${entry.name}`)}`;
    lines.push(
      `complete -c ${name} -n __fish_use_subcommand -f -a ${entry.name} -d ${single(entry.description)}`,
    );
    for (const { flags, description, choices, value } of entry.options) {
      const names = flags.map((flag) =>
        flag.startsWith('--') ? `-l ${flag.slice(2)}` : `-s ${flag.slice(1)}`,
      );
      const takes = choices.length > 0 ? ` -x -a ${single(choices.join(' '))}` : value ? ' -r' : '';
      lines.push(
        `complete -c ${name} ${here} ${names.join(' ')}${takes} -d ${single(description)}`,
      );
    }
    if (entry.choices.length > 0) {
      lines.push(`complete -c ${name} ${here} -f -a ${single(entry.choices.join(' '))}`);
    }
  }
  return `${lines.join('\n')}\n`;
}
