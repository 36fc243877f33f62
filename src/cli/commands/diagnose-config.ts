/** `streamgauge diagnose --config FILE` without a URL: what the configuration says by itself. */
import * as path from 'node:path';
import { readNginxConfig } from '../../diagnose/config/read.ts';
import type { ConfigReading } from '../../diagnose/diagnosis.ts';
import type { ExitCodeName } from '../../exit-codes.ts';
import type { DiagnosisFormat } from '../../report/diagnosis/registry.ts';
import { renderReading } from '../../report/diagnosis/config-reading.ts';
import type { World } from '../../world.ts';

export interface ReadingFlags {
  config: string;
  location?: string | undefined;
  nginxVersion?: string | undefined;
}

const exits: Readonly<Record<ConfigReading['verdict'], ExitCodeName>> = {
  streams: 'ok',
  buffers: 'gateFailed',
  unclear: 'inconclusive',
};

/** Writes the reading to stdout; how the process should end. */
export function reportReading(
  flags: ReadingFlags,
  format: DiagnosisFormat,
  world: World,
): ExitCodeName {
  const reading = readNginxConfig({
    file: path.resolve(world.cwd, flags.config),
    readText: (file) => world.files.readText(file),
    list: (directory) => world.files.list(directory),
    path: flags.location,
    nginxVersion: flags.nginxVersion,
  });
  const { columns: width, color } = world.console;
  world.console.stdout(renderReading(format, reading, { width, color }));
  return exits[reading.verdict];
}
