/** HAProxy; settings are lines of the `defaults` section. */
import { authority, indented, type RealKind } from '../real-kind.ts';

export const realHaproxy: RealKind = {
  programs: ['haproxy'],
  install: 'apt-get install haproxy (macOS: brew install haproxy)',
  file: 'haproxy.cfg',
  configure: (place, settings) => `global
  maxconn 4096

defaults
  mode http
  timeout connect 10s
  timeout client 300s
  timeout server 300s
  timeout tunnel 1h
${indented(settings, 2)}
frontend in
  bind 127.0.0.1:${place.port}
  default_backend out

backend out
  server target ${authority(place)}
`,
  command: (_, { directory }) => ({ args: ['-db', '-f', `${directory}/haproxy.cfg`] }),
};
