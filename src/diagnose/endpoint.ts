/** Where an API's request goes, from the URL that a user names: its base or the endpoint itself. */
import { requestTarget } from '../transport/http-request.ts';

/**
 * A base URL gets the API's path, as in a run; a URL that ends in that path already is the endpoint, and
 * lacks at most what the path has in its query.
 *
 * @param path - of the API's request, with its query: `/answers?stream=1`.
 * @returns with what was appended, undefined where nothing was.
 */
export function endpointOf(
  url: URL,
  path: string,
): { endpoint: URL; appended: string | undefined } {
  const asked = new URL(`http://api${path}`);
  const endpoint = new URL(url);
  if (!url.pathname.endsWith(asked.pathname)) {
    const target = new URL(`http://api${requestTarget({ baseUrl: url }, { path })}`);
    endpoint.pathname = target.pathname;
    endpoint.search = target.search;
    return { endpoint, appended: path };
  }
  const missing = asked.search
    .slice(1)
    .split('&')
    .filter((part) => part !== '' && !url.searchParams.has(part.split('=', 1)[0]!));
  if (missing.length === 0) return { endpoint, appended: undefined };
  const query = missing.join('&');
  endpoint.search = url.search === '' ? query : `${url.search}&${query}`;
  return { endpoint, appended: `${url.search === '' ? '?' : '&'}${query}` };
}
