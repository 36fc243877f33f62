// @ts-check
import { banner, code, table } from './markdown.js';

/** @typedef {import('commander').Command} Command */

/**
 * The command line, from the tree of commands that also parses it.
 *
 * @param {Command} program
 */
export function commandsPage(program) {
  return `${banner('src/cli/commands/')}
# Command line

Results go to stdout, progress and diagnostics to stderr. A flag wins over its environment variable,
that over the scenario file, that over the default; \`run --print-config\` shows where each value came
from. How a command ends is in [exit codes](exit-codes.md).

${program.commands.map((command) => section(command, [program.name()], 2)).join('\n')}
## Global options

${options(program)}`;
}

/**
 * @param {Command} command
 * @param {readonly string[]} parents
 * @param {number} level - of the heading
 * @returns {string}
 */
function section(command, parents, level) {
  const path = [...parents, command.name()];
  const usage = [...path, command.usage()].join(' ').trim();
  const parts = [
    `${'#'.repeat(level)} ${path.slice(1).join(' ')}\n\n${sentence(command.description())}\n`,
    `\`\`\`\n${usage}\n\`\`\`\n`,
  ];
  if (command.registeredArguments.length > 0) {
    const rows = command.registeredArguments.map((argument) => [
      code(argument.name()),
      [
        argument.description,
        argument.argChoices && `one of ${argument.argChoices.join(', ')}`,
        argument.required ? '' : 'optional',
      ]
        .filter(Boolean)
        .join('; '),
    ]);
    parts.push(table(['argument', 'meaning'], rows));
  }
  if (command.options.length > 0) parts.push(options(command));
  for (const child of command.commands) parts.push(section(child, path, level + 1));
  return parts.join('\n');
}

/** @param {Command} command */
function options(command) {
  const rows = command.options
    .filter((option) => !option.hidden)
    .map((option) => [
      code(option.flags),
      option.description,
      option.defaultValue === undefined || isEmpty(option.defaultValue)
        ? ''
        : code(String(option.defaultValue)),
      option.envVar ? code(option.envVar) : '',
    ]);
  return table(['option', 'meaning', 'default', 'environment'], rows);
}

/** @param {unknown} value */
function isEmpty(value) {
  return Array.isArray(value) && value.length === 0;
}

/** @param {string} text */
function sentence(text) {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}${/[.!?]$/.test(text) ? '' : '.'}`;
}
