/** What real nginx did to a stream of tokens, by the lines of its location. */

export interface NginxRow {
  name: string;
  lines: string;
  /** Bytes that the bursts had, where they were of one size. */
  size?: string;
  headers?: Record<string, string>;
  verdict: 'buffers' | 'streams';
}

const sse = 'gzip on; gzip_types text/event-stream;';
const cache = 'proxy_cache c; proxy_cache_valid 1h;';
const v11 = 'proxy_http_version 1.1; proxy_set_header Connection "";';

export const nginx122: NginxRow[] = [
  { name: 'default', lines: '', size: '4,096', verdict: 'buffers' },
  { name: 'HTTP/1.1 to the target', lines: v11, verdict: 'streams' },
  { name: 'buffering off', lines: 'proxy_buffering off;', verdict: 'streams' },
  { name: 'buffering off, HTTP/1.1', lines: `proxy_buffering off; ${v11}`, verdict: 'streams' },
  {
    name: 'X-Accel-Buffering: no',
    lines: '',
    headers: { 'x-accel-buffering': 'no' },
    verdict: 'streams',
  },
  {
    name: 'X-Accel-Buffering: no, ignored',
    lines: 'proxy_ignore_headers X-Accel-Buffering;',
    headers: { 'x-accel-buffering': 'no' },
    verdict: 'buffers',
  },
  {
    name: 'buffering off, X-Accel-Buffering: yes',
    lines: 'proxy_buffering off;',
    headers: { 'x-accel-buffering': 'yes' },
    verdict: 'buffers',
  },
  { name: 'gzip with SSE among its types', lines: sse, verdict: 'buffers' },
  { name: 'gzip, default types', lines: 'gzip on;', size: '4,096', verdict: 'buffers' },
  {
    name: 'gzip, X-Accel-Buffering: no',
    lines: sse,
    headers: { 'x-accel-buffering': 'no' },
    verdict: 'streams',
  },
  { name: 'gzip, buffering off', lines: `${sse} proxy_buffering off;`, verdict: 'streams' },
  { name: 'cache', lines: cache, size: '4,096', verdict: 'buffers' },
  {
    name: 'cache, X-Accel-Buffering: no',
    lines: cache,
    headers: { 'x-accel-buffering': 'no' },
    verdict: 'streams',
  },
  { name: 'cache, buffering off', lines: `${cache} proxy_buffering off;`, verdict: 'streams' },
  {
    name: 'sub_filter',
    lines: "sub_filter a b; sub_filter_types '*';",
    size: '4,096',
    verdict: 'buffers',
  },
  {
    name: 'sub_filter, buffering off',
    lines: "sub_filter a b; sub_filter_types '*'; proxy_buffering off;",
    verdict: 'streams',
  },
  {
    name: 'buffers of 16k and 64k',
    lines: 'proxy_buffer_size 16k; proxy_buffers 4 64k;',
    size: '16,384',
    verdict: 'buffers',
  },
  {
    name: 'buffers of 1k',
    lines: 'proxy_buffer_size 1k; proxy_buffers 8 1k;',
    size: '1,024',
    verdict: 'buffers',
  },
  {
    name: 'tcp_nodelay off, buffering off',
    lines: 'tcp_nodelay off; proxy_buffering off;',
    verdict: 'streams',
  },
  {
    name: 'tcp_nopush on, buffering off',
    lines: 'tcp_nopush on; proxy_buffering off;',
    verdict: 'streams',
  },
  {
    name: 'no chunks to the client, buffering off',
    lines: 'chunked_transfer_encoding off; proxy_buffering off;',
    verdict: 'streams',
  },
  { name: 'postpone_output 0', lines: 'postpone_output 0;', size: '4,096', verdict: 'buffers' },
  { name: 'limit_rate', lines: 'limit_rate 4k;', size: '4,096', verdict: 'buffers' },
  { name: 'HTTP/1.1, gzip', lines: `${v11} ${sse}`, verdict: 'buffers' },
  {
    name: 'HTTP/1.1, gzip, X-Accel-Buffering: no',
    lines: `${v11} ${sse}`,
    headers: { 'x-accel-buffering': 'no' },
    verdict: 'streams',
  },
  { name: 'HTTP/1.1, cache', lines: `${v11} ${cache}`, verdict: 'streams' },
  {
    name: 'HTTP/1.1, sub_filter',
    lines: `${v11} sub_filter a b; sub_filter_types '*';`,
    verdict: 'streams',
  },
  {
    name: 'HTTP/1.1, Content-Length',
    lines: v11,
    headers: { 'content-length': '40000' },
    size: '4,096',
    verdict: 'buffers',
  },
  {
    name: 'HTTP/1.0, Content-Length',
    lines: '',
    headers: { 'content-length': '40000' },
    size: '4,096',
    verdict: 'buffers',
  },
];

export const nginx131: NginxRow[] = [
  { name: 'default', lines: '', verdict: 'streams' },
  {
    name: 'HTTP/1.0 to the target',
    lines: 'proxy_http_version 1.0;',
    size: '4,096',
    verdict: 'buffers',
  },
  { name: 'buffering off', lines: 'proxy_buffering off;', verdict: 'streams' },
  { name: 'gzip with SSE among its types', lines: sse, verdict: 'buffers' },
  {
    name: 'Content-Length',
    lines: '',
    headers: { 'content-length': '40000' },
    size: '4,096',
    verdict: 'buffers',
  },
];
