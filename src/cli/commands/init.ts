import * as path from 'node:path';
import { Argument, Command } from 'commander';
import { messageOf, StreamgaugeError } from '../../errors.ts';
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
      new Argument('[template]', 'what to begin with').choices(templateNames).default('quickstart'),
    )
    .option('-o, --out <file>', 'where to write it (default: TEMPLATE.yaml)')
    .option('--force', 'overwrite the file if it is there')
    .addHelpText('after', '\nExample:\n  streamgauge init chat && streamgauge run chat.yaml\n')
    .action((template: TemplateName, flags: { out?: string; force?: boolean }) => {
      const name = flags.out ?? `${template}.yaml`;
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

/** Names itself, and the schema, by where the copy stands. */
function adapted(text: string, parts: { from: string; to: string; schema: string }): string {
  return text
    .replace(/^# yaml-language-server:.*$/m, `# yaml-language-server: $schema=${parts.schema}`)
    .replaceAll(parts.from, parts.to);
}

/** The schema beside the installed package where the copy can name it by a relative path. */
function schemaAddress(file: string, world: World): string {
  const schema = packageFile('schema/scenario.json', world);
  const relative = path.relative(path.dirname(file), schema).split(path.sep).join('/');
  return relative.startsWith('../../..') || path.isAbsolute(relative)
    ? `file://${schema.split(path.sep).join('/')}`
    : relative;
}
