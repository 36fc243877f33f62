import { Argument, Command } from 'commander';
import { jsonSchemaOf, schemaNames, type SchemaName } from '../json-schema.ts';
import type { World } from '../../world.ts';

export function schemaCommand(world: World): Command {
  return new Command('schema')
    .description(
      'print the JSON Schema of scenario, result or diagnosis files, for editors and checkers',
    )
    .addArgument(new Argument('[which]', 'which schema').choices(schemaNames).default('scenario'))
    .addHelpText(
      'after',
      '\nExample:\n  streamgauge schema scenario > scenario.schema.json\n' +
        '  # and as first line of a scenario:\n' +
        '  # yaml-language-server: $schema=scenario.schema.json\n',
    )
    .action((which: SchemaName) => {
      world.console.stdout(`${JSON.stringify(jsonSchemaOf(which), null, 2)}\n`);
    });
}
