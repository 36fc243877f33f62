/** The request that a dialect asks, as it is diagnosed. */
import { expect, it } from 'vitest';
import { dialectRequest } from '../../../src/diagnose/dialect-request.ts';
import type { Dialect } from '../../../src/dialect/dialect.ts';
import { dialectNamed } from '../../../src/dialect/registry.ts';
import type { WireRequest } from '../../../src/transport/transport.ts';

const urls = { url: new URL('http://h/v1'), direct: new URL('http://d/v1') };

/** A dialect that asks in this way. */
function asking(request: Omit<WireRequest, 'streamId'>): Dialect {
  const chat = dialectNamed('openai-chat');
  return {
    ...chat,
    start: (options) =>
      Object.assign(chat.start(options), { ask: () => ({ streamId: 's', ...request }) }),
  };
}

it('keeps the query of a path', () => {
  const path = '/models/m:streamGenerateContent?alt=sse';
  const { url, direct } = dialectRequest(asking({ method: 'POST', path, body: {} }), urls, {});
  expect([url.href, direct?.href]).toEqual([`http://h/v1${path}`, `http://d/v1${path}`]);
});

it('asks by GET, without a body and a type of one', () => {
  const request = dialectRequest(asking({ method: 'GET', path: '/answers?q=x' }), urls, {});
  expect(request).toMatchObject({ methods: ['GET'], body: undefined, headers: [] });
});

it("sends the request's headers, the key and the body's type", () => {
  const api = asking({ method: 'POST', path: '/x', body: { a: 1 }, headers: { 'X-Version': '2' } });
  const { headers, body } = dialectRequest(api, urls, { apiKey: 'k' });
  expect(headers).toEqual([
    ['content-type', 'application/json'],
    ['authorization', 'Bearer k'],
    ['x-version', '2'],
  ]);
  expect(String(body)).toBe('{"a":1}');
});
