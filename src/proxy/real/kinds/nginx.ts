/** nginx; settings are directives of `location /`, each with its semicolon. */
import { StreamgaugeError } from '../../../errors.ts';
import { authority, indented, type RealKind } from '../real-kind.ts';

const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];

export const realNginx: RealKind = {
  programs: ['nginx'],
  install: 'apt-get install nginx (macOS: brew install nginx)',
  file: 'nginx.conf',
  configure: (place, settings) => `daemon off;
master_process off;
pid ${place.directory}/nginx.pid;
error_log stderr error;
events { worker_connections 4096; }
http {
  access_log off;
${indented(
  temporary.map((name) => `${name}_temp_path ${place.directory}/${name};`),
  2,
)}  client_max_body_size 0;
  server {
    listen 127.0.0.1:${place.port};
    error_page 418 = @websocket;
    location / {
      if ($http_upgrade ~* websocket) { return 418; }
      proxy_pass http://${authority(place)};
${indented(settings, 6)}    }
    location @websocket {
      proxy_pass http://${authority(place)};
      proxy_http_version 1.1;
      proxy_set_header Upgrade $http_upgrade;
      proxy_set_header Connection upgrade;
    }
  }
}
`,
  command: (_, { directory }, config) => ({
    args: [
      ['-p', directory],
      ['-e', 'stderr'],
      ['-c', `${directory}/nginx.conf`],
      foreground(config),
    ].flat(),
  }),
};

/** nginx becomes a daemon unless it is told not to, and may be told only once. */
function foreground(config: string): string[] {
  const daemon = /^\s*daemon\s+(\w+)\s*;/m.exec(config)?.[1];
  if (daemon === undefined) return ['-g', 'daemon off;'];
  if (daemon === 'off') return [];
  throw new StreamgaugeError('the nginx configuration says "daemon on"', {
    code: 'proxy-config',
    exit: 'usage',
    hints: ['leave it out: nginx must end with the run'],
  });
}
