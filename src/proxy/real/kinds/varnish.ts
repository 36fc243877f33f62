/** Varnish, passing everything on uncached; settings are statements of `vcl_backend_response`. */
import { indented, type RealKind } from '../real-kind.ts';

export const realVarnish: RealKind = {
  programs: ['varnishd'],
  install: 'apt-get install varnish (macOS: brew install varnish)',
  file: 'default.vcl',
  configure: (place, settings) => `vcl 4.1;

backend default {
  .host = "${place.targetHost}";
  .port = "${place.targetPort}";
  .first_byte_timeout = 300s;
  .between_bytes_timeout = 300s;
}

sub vcl_recv {
  if (req.http.Upgrade ~ "(?i)websocket") {
    return (pipe);
  }
  return (pass);
}

sub vcl_pipe {
  if (req.http.Upgrade) {
    set bereq.http.Upgrade = req.http.Upgrade;
    set bereq.http.Connection = req.http.Connection;
  }
}

sub vcl_backend_response {
${indented(settings, 2)}}
`,
  command: (_, { directory, port }) => ({
    args: [
      ['-F', '-j', 'none'],
      ['-n', `${directory}/work`],
      ['-f', `${directory}/default.vcl`],
      ['-a', `127.0.0.1:${port}`],
      ['-s', 'malloc,64m'],
      ['-T', 'none'],
    ].flat(),
  }),
};
