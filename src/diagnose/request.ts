/** The request that is diagnosed: from the options, in the shape that every probe starts from. */
import { dialectNamed } from '../dialect/registry.ts';
import { dialectRequest, type DiagnosedRequest } from './dialect-request.ts';
import { genericMeaning } from './observe/meaning.ts';
import type { Divider } from './observe/event-splitter.ts';
import {
  genericDialect,
  readDialect,
  readUrl,
  usageError,
  type DiagnoseOptions,
} from './options.ts';

export interface RequestTemplate extends DiagnosedRequest {
  dialect: string;
  divider: Divider | undefined;
}

/** @throws StreamgaugeError with exit code 2 for options that cannot be. */
export function requestTemplate(options: DiagnoseOptions, version: string): RequestTemplate {
  const dialect = readDialect(options.dialect);
  const url = readUrl(options.url, 'URL');
  const direct = options.direct === undefined ? undefined : readUrl(options.direct, '--direct');
  const given = (options.headers ?? []).map(
    ([name, value]) => [name.toLowerCase(), value] as const,
  );
  const login = loginOf(url);
  if (login !== undefined && !given.some(([name]) => name === 'authorization')) {
    given.push(['authorization', login]);
  }
  const common: [string, string][] = [
    ['user-agent', `streamgauge/${version}`],
    ['accept', 'text/event-stream, application/x-ndjson;q=0.9, */*;q=0.8'],
  ];
  const base = {
    divider: options.delimiter === undefined ? undefined : delimiterOf(options.delimiter),
  };
  if (dialect === genericDialect) {
    const body = options.body === undefined ? undefined : Buffer.from(options.body);
    const methods = (options.methods ?? []).map((method) => method.toUpperCase());
    if (methods.length === 0) methods.push(body ? 'POST' : 'GET');
    for (const method of methods) {
      if (!/^[A-Z]+$/.test(method)) throw usageError(`--method ${method} is not an HTTP method`);
    }
    if (body)
      common.push(['content-type', looksLikeJson(body) ? 'application/json' : 'text/plain']);
    return {
      ...base,
      dialect,
      url,
      direct,
      methods,
      headers: merged(common, given),
      body,
      meaning: genericMeaning,
      note: undefined,
    };
  }
  for (const [name, value] of [
    ['--method', options.methods?.length],
    ['--body', options.body],
    ['--delimiter', options.delimiter],
  ] as const) {
    if (value === undefined || value === 0) continue;
    throw usageError(
      `${name} is for the generic dialect; ${dialect} makes its own request`,
      `leave ${name} out, or leave --dialect out and describe the whole request`,
    );
  }
  const { headers, ...asked } = dialectRequest(dialectNamed(dialect), { url, direct }, options);
  return { ...base, dialect, ...asked, headers: merged(merged(common, headers), given) };
}

/** What `user:password@` in a URL stands for. */
function loginOf({ username, password }: URL): string | undefined {
  if (username === '' && password === '') return undefined;
  const plain = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return `Basic ${Buffer.from(plain).toString('base64')}`;
}

/** What is given wins over what is usual. */
function merged(
  usual: readonly (readonly [string, string])[],
  given: readonly (readonly [string, string])[],
): (readonly [string, string])[] {
  const names = new Set(given.map(([name]) => name));
  return [...usual.filter(([name]) => !names.has(name)), ...given];
}

function delimiterOf(text: string): Divider {
  const unescaped = text
    .replaceAll(String.raw`\n`, '\n')
    .replaceAll(String.raw`\r`, '\r')
    .replaceAll(String.raw`\t`, '\t')
    .replaceAll(String.raw`\0`, '\0');
  if (unescaped === '')
    throw usageError('--delimiter must not be empty', String.raw`for example '\n'`);
  if (unescaped === 'sse') return { kind: 'sse' };
  return { kind: 'delimiter', bytes: Buffer.from(unescaped) };
}

function looksLikeJson(body: Buffer): boolean {
  try {
    JSON.parse(body.toString('utf8'));
    return true;
  } catch {
    return false;
  }
}

/** A URL without credentials, and with the values of its query hidden where they may be keys. */
export function publicUrl(url: URL): string {
  const shown = new URL(url);
  if (shown.username !== '' || shown.password !== '') {
    shown.username = '';
    shown.password = '';
  }
  for (const [name] of shown.searchParams) {
    if (/key|token|secret|sig|auth|password/i.test(name)) shown.searchParams.set(name, 'hidden');
  }
  return shown.href;
}
