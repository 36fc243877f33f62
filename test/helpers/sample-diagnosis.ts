/** Made-up diagnoses: one of each verdict, with the arrivals that go with it. */
import type { ArrivalPicture, Diagnosis, VerdictKind } from '../../src/diagnose/diagnosis.ts';

/** 200 events of 200 bytes, 20 ms apart, forwarded when `perBurst` are there. */
export function pictureOf(title: string, perBurst: number, options: { late?: number } = {}) {
  const reads: ArrivalPicture['reads'] = [];
  for (let event = perBurst; event <= 200; event += perBurst) {
    reads.push({
      at: event * 20 + (options.late ?? 3),
      bytes: perBurst * 206,
      events: perBurst,
    });
  }
  const picture: ArrivalPicture = {
    title,
    headers_at: perBurst === 1 ? 4 : reads[0]!.at,
    ended_at: 4006,
    reads,
  };
  return picture;
}

const probe: Diagnosis['probes'][number] = {
  name: 'as asked',
  path: 'url',
  repeat: 0,
  toggles: [],
  status: 200,
  http_version: '1.1',
  headers_ms: 382.4,
  first_event_ms: 382.4,
  last_event_ms: 4004.9,
  ended_ms: 4005.2,
  end: 'complete',
  events: 200,
  bursts: 10,
  bytes: 41_200,
  says: 'bursts of 4,096 bytes',
};

/** A stream behind nginx as it is installed. */
export function sampleDiagnosis(changes: Partial<Diagnosis> = {}): Diagnosis {
  return {
    version: 1,
    tool: { name: 'streamgauge', version: '0.1.0' },
    started: '2026-01-15T10:00:00.000Z',
    url: 'https://api.example.com/v1/chat/completions',
    direct_url: 'http://10.0.0.7:8000/v1/chat/completions',
    dialect: 'openai-chat',
    verdict: { kind: 'buffered_by_size', size_bytes: 4096, confidence: 'high' },
    summary:
      'The stream is held in a buffer of 4,096 bytes, most likely by nginx. Its users see 20 tokens at once, every 0.4 s.',
    evidence: [
      {
        name: 'bytes per burst',
        value: '4,096 B ± 1 %',
        means: 'a buffer of fixed size fills; a clock would make bursts of equal period instead',
      },
      {
        name: 'tokens per burst at 4× the size',
        value: '5 instead of 20',
        means: 'the size decides, not the number of tokens',
      },
      { name: 'direct path', value: '1 token per read', means: 'the target itself streams' },
    ],
    cost: { ttft_ms: 382.4, held_ms: 377.6, method: 'measured against the direct path' },
    suspects: [
      {
        component: 'nginx',
        confidence: 'high',
        because: 'Server: nginx/1.22.1; 4,096 is its page',
      },
    ],
    question: 'Can you change the application, or only the proxy?',
    fixes: [
      {
        component: 'nginx',
        title: 'forward each event immediately',
        where: 'the location block with the proxy_pass to the model',
        paste: 'proxy_http_version 1.1;\nproxy_set_header Connection "";\nproxy_buffering off;',
        why: 'With HTTP/1.0 to the target nginx sends nothing before 4,096 bytes are there.',
        side_effect: 'a slow client now holds the connection to the target open.',
      },
      {
        component: 'application',
        title: 'ask nginx not to buffer',
        where: 'the response headers of the streaming endpoint',
        paste: 'X-Accel-Buffering: no',
        why: 'nginx obeys the header and removes it.',
      },
    ],
    pictures: [
      pictureOf('through the proxy', 20),
      pictureOf('direct', 1),
      pictureOf('no compression', 20, { late: 11 }),
    ],
    probes: [
      probe,
      { ...probe, name: 'direct', path: 'direct', headers_ms: 3.8, bursts: 200, says: '' },
      { ...probe, name: 'HTTP/1.0', toggles: ['HTTP/1.0'], end: 'our budget', status: null },
    ],
    config: {
      file: '/etc/nginx/nginx.conf',
      verdict: 'buffers',
      summary: 'location /v1/ asks its target with HTTP/1.0 and buffers.',
      findings: [
        {
          file: '/etc/nginx/conf.d/api.conf',
          line: 12,
          column: 5,
          text: 'proxy_pass http://model;',
          severity: 'cause',
          message: 'proxy_buffering is on by default here',
          fix: 'proxy_buffering off;',
        },
        {
          file: '/etc/nginx/nginx.conf',
          line: 30,
          column: 3,
          text: 'gzip on;',
          severity: 'note',
          message: 'text/event-stream is not among gzip_types',
          fix: '',
        },
      ],
    },
    notes: ['HTTP/2 was not tried: the URL is not https'],
    spent: { requests: 14, seconds: 38.21, budget_seconds: 60, partial: false },
    ...changes,
  };
}

/** As little as a diagnosis can hold: the target did not answer as a stream. */
export function emptyDiagnosis(): Diagnosis {
  return sampleDiagnosis({
    direct_url: null,
    verdict: { kind: 'cannot_tell', confidence: 'low' },
    summary: 'The answer had 2 events: too few to judge.',
    evidence: [],
    cost: null,
    suspects: [],
    question: null,
    fixes: [],
    pictures: [],
    probes: [],
    config: null,
    notes: [],
    spent: { requests: 1, seconds: 0.4, budget_seconds: 60, partial: true },
  });
}

/** The number that belongs to each verdict. */
export const verdictSamples: Readonly<Record<VerdictKind, Diagnosis['verdict']>> = {
  streams: { kind: 'streams', confidence: 'high' },
  buffered_by_size: { kind: 'buffered_by_size', size_bytes: 4096, confidence: 'high' },
  buffered_by_time: { kind: 'buffered_by_time', period_ms: 200, confidence: 'medium' },
  paced_by_round_trip: { kind: 'paced_by_round_trip', period_ms: 50.4, confidence: 'medium' },
  compressed_without_flush: { kind: 'compressed_without_flush', confidence: 'high' },
  stored_and_forwarded: { kind: 'stored_and_forwarded', confidence: 'high' },
  headers_withheld: { kind: 'headers_withheld', lag_ms: 812, confidence: 'medium' },
  one_event_late: { kind: 'one_event_late', lag_ms: 20.2, confidence: 'low' },
  cut_when_idle: { kind: 'cut_when_idle', limit_ms: 60_000, confidence: 'high' },
  cut_at_total: { kind: 'cut_at_total', limit_ms: 30_000, confidence: 'high' },
  packet_loss: { kind: 'packet_loss', confidence: 'medium' },
  cannot_tell: { kind: 'cannot_tell', confidence: 'low' },
};
