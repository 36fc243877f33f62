/** Where a diagnosed request goes. */
import { expect, it } from 'vitest';
import { endpointOf } from '../../../src/diagnose/endpoint.ts';
import { requestTarget } from '../../../src/transport/http-request.ts';

const gemini = '/models/m:streamGenerateContent?alt=sse';

it.each([
  ['http://h', '/chat', 'http://h/chat', '/chat'],
  ['http://h/v1/', '/chat', 'http://h/v1/chat', '/chat'],
  ['http://h/v1/chat', '/chat', 'http://h/v1/chat', undefined],
  ['http://h/v1?api-version=2', '/chat', 'http://h/v1/chat?api-version=2', '/chat'],
  ['http://h/v1', gemini, `http://h/v1${gemini}`, gemini],
  ['http://h/v1?key=k', gemini, `http://h/v1${gemini}&key=k`, gemini],
  ['http://me:pw@h/v1', gemini, `http://me:pw@h/v1${gemini}`, gemini],
  [`http://h/v1${gemini}`, gemini, `http://h/v1${gemini}`, undefined],
  ['http://h/v1/models/m:streamGenerateContent', gemini, `http://h/v1${gemini}`, '?alt=sse'],
  [
    'http://h/v1/models/m:streamGenerateContent?key=a%20b',
    gemini,
    'http://h/v1/models/m:streamGenerateContent?key=a%20b&alt=sse',
    '&alt=sse',
  ],
])('of %s and %s is %s', (url, path, endpoint, appended) => {
  const found = endpointOf(new URL(url), path);
  expect(found.endpoint.href).toBe(endpoint);
  expect(found.appended).toBe(appended);
});

it('is what a run asks', () => {
  for (const base of ['http://h', 'http://h/v1/', 'http://h/v1?key=k']) {
    const baseUrl = new URL(base);
    const { endpoint } = endpointOf(baseUrl, gemini);
    expect(endpoint.pathname + endpoint.search).toBe(requestTarget({ baseUrl }, { path: gemini }));
  }
});
