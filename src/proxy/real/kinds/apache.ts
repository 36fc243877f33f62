/** Apache httpd with mod_proxy_http; settings are directives of the server. */
import { existsSync, readdirSync } from 'node:fs';
import { StreamgaugeError } from '../../../errors.ts';
import { authority, indented, type RealKind } from '../real-kind.ts';

const moduleDirectories = [
  '/usr/lib/apache2/modules',
  '/usr/lib64/httpd/modules',
  '/usr/local/apache2/modules',
  '/opt/homebrew/lib/httpd/modules',
  '/usr/local/lib/httpd/modules',
];
/** Those that a proxy needs, and those that buffering settings are about. */
const modules = [
  'mpm_event',
  'unixd',
  'authz_core',
  'proxy',
  'proxy_http',
  'proxy_wstunnel',
  'filter',
  'deflate',
  'headers',
  'setenvif',
];

export const realApache: RealKind = {
  programs: ['apache2', 'httpd'],
  install: 'apt-get install apache2 (macOS: brew install httpd)',
  file: 'httpd.conf',
  configure: (place, settings) => `ServerRoot ${place.directory}
DefaultRuntimeDir ${place.directory}
PidFile ${place.directory}/httpd.pid
ErrorLog ${place.directory}/error.log
ServerName localhost
Listen 127.0.0.1:${place.port}
${loadModules()}${runAs()}ProxyTimeout 300
ProxyPass / http://${authority(place)}/ upgrade=websocket
${indented(settings, 0)}`,
  command: (_, { directory }) => ({ args: ['-D', 'FOREGROUND', '-f', `${directory}/httpd.conf`] }),
};

function loadModules(): string {
  const directory = moduleDirectories.find((path) => existsSync(path));
  if (!directory) {
    throw new StreamgaugeError("Apache's modules were not found", {
      code: 'proxy-modules-missing',
      exit: 'usage',
      hints: [`looked in ${moduleDirectories.join(', ')}`, 'give your own configuration'],
    });
  }
  const present = new Set(readdirSync(directory));
  return indented(
    modules
      .filter((name) => present.has(`mod_${name}.so`))
      .map((name) => `LoadModule ${name}_module ${directory}/mod_${name}.so`),
    0,
  );
}

/** Started by root, as in a container, Apache refuses to serve as root. */
function runAs(): string {
  return process.getuid?.() === 0 ? 'User nobody\n' : '';
}
