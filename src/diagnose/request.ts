/** The request that is diagnosed: from the options, in the shape that every probe starts from. */
import type { Conversation } from '../dialect/dialect.ts';
import { neutralOptions } from '../dialect/options.ts';
import { dialectNamed } from '../dialect/registry.ts';
import { dialectMeaning, genericMeaning, type MeaningReader } from './observe/meaning.ts';
import type { Divider } from './observe/event-splitter.ts';
import {
  genericDialect,
  readDialect,
  readUrl,
  usageError,
  type DiagnoseOptions,
} from './options.ts';

export interface RequestTemplate {
  dialect: string;
  url: URL;
  direct: URL | undefined;
  /** The first is as asked. */
  methods: readonly string[];
  headers: readonly (readonly [name: string, value: string])[];
  body: Buffer | undefined;
  divider: Divider | undefined;
  /** A fresh one for each answer. */
  meaning(): MeaningReader;
  /** How the URL was understood, where that is not plain; for the user. */
  note: string | undefined;
}

/** Asks for a few hundred tokens of about equal size, whatever the model. */
const defaultPrompt =
  'Count from 1 to 200 in English words, one number per line, and write nothing else.';
const defaultMaxTokens = 256;

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
  const api = dialectNamed(dialect);
  const converse = (): Conversation =>
    api.start({
      transport: 'sse',
      model: options.model ?? api.supports.diagnose!.model,
      stream: true,
      dialectOptions: neutralOptions(api.options),
      keepsHistory: false,
      extraBody: {},
    });
  const asked = converse().ask({
    streamId: 'diagnose',
    content: { kind: 'prompt', text: options.prompt ?? defaultPrompt },
    maxTokens: options.maxTokens ?? defaultMaxTokens,
    instructions: undefined,
    tools: [],
    toolChoice: undefined,
  });
  common.push(['content-type', 'application/json']);
  if (options.apiKey !== undefined) {
    for (const [name, value] of Object.entries(api.authorize(options.apiKey))) {
      common.push([name.toLowerCase(), value]);
    }
  }
  const [at, completed] = endpointOf(url, asked.path);
  return {
    ...base,
    dialect,
    url: at,
    direct: direct && endpointOf(direct, asked.path)[0],
    methods: [asked.method],
    headers: merged(common, given),
    body: Buffer.from(JSON.stringify(asked.body)),
    meaning: () => {
      const conversation = converse();
      // A conversation decodes only what it has asked for.
      conversation.ask({
        streamId: 'diagnose',
        content: { kind: 'prompt', text: '' },
        maxTokens: undefined,
        instructions: undefined,
        tools: [],
        toolChoice: undefined,
      });
      return dialectMeaning(conversation);
    },
    note: completed ? `${asked.path} was appended to the base URL` : undefined,
  };
}

/** What `user:password@` in a URL stands for. */
function loginOf({ username, password }: URL): string | undefined {
  if (username === '' && password === '') return undefined;
  const plain = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return `Basic ${Buffer.from(plain).toString('base64')}`;
}

/** A base URL gets the API's path; a URL that ends in it already is the endpoint itself. */
function endpointOf(url: URL, path: string): [endpoint: URL, completed: boolean] {
  if (url.pathname.endsWith(path)) return [url, false];
  const endpoint = new URL(url);
  endpoint.pathname = `${url.pathname.replace(/\/$/, '')}${path}`;
  return [endpoint, true];
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
