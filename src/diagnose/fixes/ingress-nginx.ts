/** ingress-nginx: annotations of an Ingress, keys of the controller's ConfigMap. */
import type { ComponentFixes, FixText } from './fix.ts';

const where = 'the Ingress of the streaming service (kubectl apply reloads nginx)';

const stream: FixText = {
  title: 'switch buffering off for this Ingress',
  where,
  paste:
    'metadata:\n  annotations:\n    nginx.ingress.kubernetes.io/proxy-buffering: "off"\n    nginx.ingress.kubernetes.io/proxy-http-version: "1.1"',
  why: 'The controller switches buffering off by default; an annotation, a ConfigMap key or a snippet switched it on here.',
  side_effect: 'a client that reads slowly now holds the connection to the pod open.',
};

const noGzip: FixText = {
  title: 'take event streams out of compression',
  where: 'the ConfigMap of the ingress-nginx controller',
  paste:
    'data:\n  gzip-types: "application/json application/javascript text/css text/plain image/svg+xml"',
  why: 'text/event-stream must not be in the list: what is compressed while buffering is on waits for the compressor.',
  side_effect: 'it holds for every Ingress of the controller.',
};

export const ingressNginx: ComponentFixes = {
  component: 'ingress-nginx',
  obeysHeaders: true,
  remedies: {
    buffered_by_size: [stream],
    buffered_by_time: [stream],
    stored_and_forwarded: [stream],
    headers_withheld: [stream],
    one_event_late: [stream],
    paced_by_round_trip: [stream],
    compressed_without_flush: [stream, noGzip],
    cut_when_idle: [
      {
        title: 'wait longer for the next event',
        where,
        paste:
          'metadata:\n  annotations:\n    nginx.ingress.kubernetes.io/proxy-read-timeout: "3600"\n    nginx.ingress.kubernetes.io/proxy-send-timeout: "3600"',
        why: 'Both are 60 s unless set, counted between two reads, in seconds without a unit.',
      },
    ],
    cut_at_total: [
      {
        title: 'let running streams end when nginx reloads',
        where: 'the ConfigMap of the ingress-nginx controller',
        paste: 'data:\n  worker-shutdown-timeout: "3600s"',
        why: 'nginx has no limit for a whole answer, but each change of the configuration replaces the workers, and the old ones are stopped after worker-shutdown-timeout (240 s) with their streams.',
        side_effect: 'old workers keep their memory for that long.',
      },
    ],
  },
};
