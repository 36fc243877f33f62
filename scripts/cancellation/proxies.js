// @ts-check
/**
 * The proxies of the cancellation table, real ones with the simulated counterpart where there is one.
 *
 * @typedef {object} TableProxy
 * @property {string} name
 * @property {import('../../src/proxy/real/registry.ts').RealProxySettings} real
 * @property {import('../../src/proxy/registry.ts').ProxySettings | undefined} simulated
 */

const http10 = 'proxy_http_version 1.0;';
const http11 = ['proxy_http_version 1.1;', 'proxy_set_header Connection "";'];
const ignoring = 'proxy_ignore_client_abort on;';

/** A cache needs a zone outside of the location, and so a separate configuration. */
const caching = `daemon off;
master_process off;
pid {{dir}}/nginx.pid;
error_log stderr error;
events { worker_connections 1024; }
http {
  access_log off;
  client_body_temp_path {{dir}}/client_body;
  proxy_temp_path {{dir}}/proxy;
  fastcgi_temp_path {{dir}}/fastcgi;
  uwsgi_temp_path {{dir}}/uwsgi;
  scgi_temp_path {{dir}}/scgi;
  proxy_cache_path {{dir}}/cache keys_zone=table:1m;
  server {
    listen 127.0.0.1:{{port}};
    location / {
      proxy_pass http://{{target}};
      proxy_http_version 1.0;
      proxy_cache table;
      proxy_cache_methods GET HEAD POST;
      # Each request is a miss: what is looked at is the fetching.
      proxy_cache_key $request_id;
      proxy_cache_valid 200 1m;
      proxy_ignore_headers Cache-Control Expires Set-Cookie Vary;
    }
  }
}
`;

/** @type {readonly TableProxy[]} */
export const tableProxies = [
  {
    name: 'nginx default (HTTP/1.0 upstream)',
    real: { kind: 'nginx', settings: [http10] },
    simulated: { kind: 'nginx' },
  },
  {
    name: 'nginx, HTTP/1.1 upstream',
    real: { kind: 'nginx', settings: http11 },
    simulated: { kind: 'nginx', http_version: '1.1' },
  },
  {
    name: 'nginx, buffering off',
    real: { kind: 'nginx', settings: [http10, 'proxy_buffering off;'] },
    simulated: { kind: 'nginx', buffering: 'off' },
  },
  {
    name: 'nginx, ignore_client_abort',
    real: { kind: 'nginx', settings: [http10, ignoring] },
    simulated: { kind: 'nginx', ignore_client_abort: 'on' },
  },
  {
    name: 'nginx, HTTP/1.1, ignore_client_abort',
    real: { kind: 'nginx', settings: [...http11, ignoring] },
    simulated: { kind: 'nginx', http_version: '1.1', ignore_client_abort: 'on' },
  },
  {
    name: 'nginx, cacheable response',
    real: { kind: 'nginx', config: caching },
    simulated: { kind: 'nginx', cache: 'on' },
  },
  { name: 'HAProxy default', real: { kind: 'haproxy' }, simulated: { kind: 'haproxy' } },
  { name: 'Apache default', real: { kind: 'apache' }, simulated: undefined },
  { name: 'Caddy default', real: { kind: 'caddy' }, simulated: undefined },
  { name: 'Varnish, pass', real: { kind: 'varnish' }, simulated: undefined },
];
