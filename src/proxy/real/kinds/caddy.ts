/** Caddy; settings are lines of the `reverse_proxy` block. */
import { authority, indented, type RealKind } from '../real-kind.ts';

export const realCaddy: RealKind = {
  programs: ['caddy'],
  install: 'apt-get install caddy (macOS: brew install caddy)',
  file: 'Caddyfile',
  configure: (place, settings) => `{
  admin off
  auto_https off
  grace_period 100ms
}
http://127.0.0.1:${place.port} {
  bind 127.0.0.1
  reverse_proxy ${authority(place)} {
${indented(settings, 4)}  }
}
`,
  command: (_, { directory }) => ({
    args: ['run', '--adapter', 'caddyfile', '--config', `${directory}/Caddyfile`],
    env: { HOME: directory, XDG_DATA_HOME: directory, XDG_CONFIG_HOME: directory },
  }),
};
