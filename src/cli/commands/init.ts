import * as path from 'node:path';
import { Argument, Command } from 'commander';
import { messageOf, StreamgaugeError } from '../../errors.ts';
import { meantHints } from '../../settings/did-you-mean.ts';
import type { World } from '../../world.ts';
import { packageFile } from '../package-files.ts';

/** Templates are the shipped examples: what is tested there is what a user begins with. */
const templates = {
  quickstart: 'scenarios/quickstart.yaml',
  chat: 'scenarios/chat-under-load.yaml',
  'agent-loop': 'scenarios/sse-vs-websocket-agent-loop.yaml',
  voice: 'scenarios/voice-turns.yaml',
  'bad-network': 'scenarios/bad-network.yaml',
  proxy: 'scenarios/behind-a-proxy.yaml',
} as const;

type TemplateName = keyof typeof templates;
const templateNames = Object.keys(templates) as TemplateName[];

export function initCommand(world: World): Command {
  return new Command('init')
    .description('write a commented scenario to begin with')
    .addArgument(
      // The choices are for shell completion; a file's name is as welcome, so they are not enforced.
      new Argument(
        '[template]',
        'what to begin with, or the file to write, which then ends in .yaml or .yml',
      )
        .choices(templateNames)
        .argParser((word) => word),
    )
    .argument('[file]', 'where to write it, after a template (default: TEMPLATE.yaml)')
    .option('-o, --out <file>', 'the same as [file]')
    .option('--force', 'overwrite the file if it is there')
    .addHelpText(
      'after',
      '\nExamples:\n' +
        '  streamgauge init my.yaml               the quickstart, as my.yaml\n' +
        '  streamgauge init chat                  writes chat.yaml\n' +
        '  streamgauge init chat load/tides.yaml  the same, elsewhere\n',
    )
    .action((...given: [string | undefined, string | undefined, InitFlags]) => {
      const [first, second, flags] = given;
      const { template, file: name } = choose(first, second, flags.out);
      const file = path.resolve(world.cwd, name);
      if (world.files.exists(file) && !flags.force) {
        throw new StreamgaugeError(`${name} is there already`, {
          code: 'file-exists',
          exit: 'usage',
          hints: ['--force overwrites it, --out writes elsewhere'],
        });
      }
      const text = adapted(world.files.readText(packageFile(templates[template], world)), {
        from: templates[template],
        to: name,
        schema: schemaAddress(file, world),
      });
      try {
        world.files.makeDirectory(path.dirname(file));
        world.files.writeText(file, text);
      } catch (error) {
        throw new StreamgaugeError(`cannot write ${file}: ${messageOf(error)}`, {
          code: 'file-unwritable',
          exit: 'usage',
          cause: error,
        });
      }
      world.console.stdout(`wrote ${name}\n  streamgauge run ${name}\n`);
    });
}

interface InitFlags {
  out?: string;
  force?: boolean;
}

const isFileName = (text: string): boolean => /\.ya?ml$/i.test(text);

/** Which template, and where to. A single word may be either: files end in .yaml or .yml. */
function choose(
  first: string | undefined,
  second: string | undefined,
  out: string | undefined,
): { template: TemplateName; file: string } {
  const firstIsFile = first !== undefined && isFileName(first);
  const files = [firstIsFile ? first : undefined, second, out].filter((file) => file !== undefined);
  const [file, another] = files;
  if (another !== undefined) {
    throw new StreamgaugeError(`one file is written, not ${files.join(' and ')}`, {
      code: 'usage',
      exit: 'usage',
      hints: ['name the file once: streamgauge init TEMPLATE FILE'],
    });
  }
  const word = firstIsFile ? undefined : first;
  const template = templateNames.find((known) => known === (word ?? 'quickstart'));
  if (template === undefined) {
    throw new StreamgaugeError(`there is no template "${word}"`, {
      code: 'unknown-template',
      exit: 'usage',
      hints: [
        ...meantHints(word ?? '', templateNames),
        `templates: ${templateNames.join(', ')}`,
        `a file to write ends in .yaml: streamgauge init ${word}.yaml`,
      ],
    });
  }
  return { template, file: file ?? `${template}.yaml` };
}

/** Names itself, and the schema, by where the copy stands. */
function adapted(text: string, parts: { from: string; to: string; schema: string }): string {
  return text
    .replace(/^# yaml-language-server:.*$/m, `# yaml-language-server: $schema=${parts.schema}`)
    .replaceAll(parts.from, parts.to);
}

/** The schema next to the installed package where the copy can name it by a relative path. */
function schemaAddress(file: string, world: World): string {
  const schema = packageFile('schema/scenario.json', world);
  const relative = path.relative(path.dirname(file), schema).split(path.sep).join('/');
  return relative.startsWith('../../..') || path.isAbsolute(relative)
    ? `file://${schema.split(path.sep).join('/')}`
    : relative;
}
