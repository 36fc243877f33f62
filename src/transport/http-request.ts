/** What every HTTP transport puts on the request line and into the headers. */
import { truthHeaders } from './ground-truth.ts';
import type { Endpoint, WireRequest } from './transport.ts';

/**
 * Path and query of a request below the endpoint's base URL. A query of the base URL (`?api-version=…`)
 * goes with every request.
 */
export function requestTarget(
  endpoint: Pick<Endpoint, 'baseUrl'>,
  request: Pick<WireRequest, 'path'>,
): string {
  const { pathname, search } = endpoint.baseUrl;
  const path = `${pathname.replace(/\/+$/, '')}${request.path}`;
  if (search === '') return path;
  return `${path}${path.includes('?') ? '&' : '?'}${search.slice(1)}`;
}

/**
 * Headers of one request, Host and Content-Length excepted. Identity encoding is asked for: a
 * compressed stream arrives in the compressor's blocks, not in events.
 */
export function requestHeaders(
  endpoint: Endpoint,
  request: WireRequest,
  accept: string,
): Record<string, string> {
  return {
    accept,
    'accept-encoding': 'identity',
    'user-agent': 'streamgauge',
    ...(request.body === undefined ? {} : { 'content-type': 'application/json' }),
    ...truthHeaders(endpoint, request.streamId),
    ...endpoint.headers,
    ...request.headers,
  };
}
