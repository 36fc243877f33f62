/** Envoy routes, and Istio, which writes them. */
import type { ComponentFixes, FixText } from './fix.ts';

const route: FixText = {
  title: 'lift the limits on the route (Envoy)',
  where: 'the route of the streaming path',
  paste: 'route:\n  cluster: model\n  timeout: 0s\n  idle_timeout: 3600s',
  why: 'A route ends a whole answer after timeout (15 s unless set; 0s means no limit), and one that is silent after idle_timeout (the stream_idle_timeout of 5 min unless set).',
  side_effect: 'a target that hangs is noticed only after idle_timeout.',
};

const istio: FixText = {
  title: 'lift the limit on the route (Istio)',
  where: 'the VirtualService of the streaming service',
  paste:
    'spec:\n  hosts: [model]\n  http:\n    - timeout: 0s\n      route:\n        - destination: { host: model }',
  why: 'timeout covers the whole answer; 0s means no limit.',
};

const extProc: FixText = {
  title: 'let external processing pass bodies on',
  where: 'the ext_proc filter of the listener (envoy.filters.http.ext_proc)',
  paste: 'processing_mode:\n  response_header_mode: SEND\n  response_body_mode: NONE',
  why: 'Envoy passes bodies on as they come, but for filters that ask for whole ones: ext_proc with BUFFERED, Lua with body(), Wasm.',
  side_effect: 'the external processor no longer sees answers.',
};

export const envoy: ComponentFixes = {
  component: 'envoy',
  obeysHeaders: false,
  remedies: {
    cut_at_total: [route, istio],
    cut_when_idle: [route],
    stored_and_forwarded: [extProc],
    buffered_by_size: [extProc],
    compressed_without_flush: [
      {
        title: 'exempt event streams from compression',
        where: 'the compressor filter of the listener (envoy.filters.http.compressor)',
        paste:
          'response_direction_config:\n  common_config:\n    content_type: [text/html, text/css, application/javascript, application/json]',
        why: 'Only the listed types are compressed; text/event-stream must not be among them.',
      },
    ],
  },
};
