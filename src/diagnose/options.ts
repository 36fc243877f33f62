/** What a diagnosis is asked: by the command line, or by a program. */
import { dialectNamed, dialects } from '../dialect/registry.ts';
import { StreamgaugeError } from '../errors.ts';
import { meantHints } from '../settings/did-you-mean.ts';
import type { ConfigFiles } from './config/files.ts';

/** The request is described in full, and nothing is known of what its events mean. */
export const genericDialect = 'generic';

/** What `dialect` may name. */
export const diagnoseDialects: readonly string[] = [
  genericDialect,
  ...dialects.filter(({ supports }) => supports.diagnose).map(({ name }) => name),
];

/** Environment variable that holds an API's key; undefined for the generic dialect. */
export function keyVariableOf(dialect: string): string | undefined {
  if (dialect === genericDialect) return undefined;
  return dialectNamed(dialect).supports.diagnose?.keyVariable;
}

/** Each environment variable that holds the key of an API, once. */
export const keyVariables: readonly string[] = [
  ...new Set(dialects.flatMap(({ supports }) => supports.diagnose?.keyVariable ?? [])),
];

/** An API's dialect to name in examples. */
export const exampleDialect = diagnoseDialects.find((name) => name !== genericDialect)!;

export interface DiagnoseOptions {
  /** What users reach: an endpoint for `generic`, the base URL (or the endpoint) for an API's dialect. */
  url: string;
  /** The same without what is in between, where it can be reached. */
  direct?: string | undefined;
  /** Default `generic`: the request as described here, the body as its content type says. */
  dialect?: string | undefined;
  /** For an API's dialect. */
  model?: string | undefined;
  prompt?: string | undefined;
  /** Most tokens of an answer, for an API's dialect. Default 256. */
  maxTokens?: number | undefined;
  /** The key, from the environment; never printed. */
  apiKey?: string | undefined;
  /** Further headers; their values may be secret and are never printed. */
  headers?: readonly (readonly [name: string, value: string])[] | undefined;
  /** The first is the request as asked; further ones are tried against it. Default GET, or POST with a body. */
  methods?: readonly string[] | undefined;
  body?: string | Uint8Array | undefined;
  /** Divides a body that is not SSE into events. Default: line feed. */
  delimiter?: string | undefined;
  /** Longest time for all probes, ms. Default 60,000. */
  budgetMs?: number | undefined;
  /** How often each toggle is tried. Default 2. */
  repeat?: number | undefined;
  /** Orders the probes. Default 1. */
  seed?: string | number | undefined;
  /** An nginx configuration to read as well: the file, and how files are read. */
  config?: ({ file: string; nginxVersion?: string | undefined } & ConfigFiles) | undefined;
  tls?: { insecure?: boolean | undefined; ca?: string | undefined } | undefined;
  /** Ends it early, with what was seen so far. */
  signal?: AbortSignal | undefined;
  /** Told before each probe. */
  onProgress?: ((progress: DiagnoseProgress) => void) | undefined;
}

export interface DiagnoseProgress {
  /** `as asked, 2 of 2`. */
  text: string;
  probesDone: number;
  elapsedMs: number;
  budgetMs: number;
}

/** @throws StreamgaugeError with exit code 2. */
export function usageError(message: string, ...hints: string[]): StreamgaugeError {
  return new StreamgaugeError(message, { code: 'usage', exit: 'usage', hints });
}

/** @throws StreamgaugeError where it is not an http or https URL. */
export function readUrl(text: string, name: string): URL {
  if (!URL.canParse(text)) {
    throw usageError(`${name}: "${text}" is not a URL`, 'for example https://api.example.com/v1');
  }
  const url = new URL(text);
  if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    throw usageError(
      `${name}: ${url.protocol}// cannot be diagnosed`,
      'http:// or https://; over WebSocket nothing buffers a stream in these ways',
    );
  }
  url.hash = '';
  return url;
}

export function readDialect(text: string | undefined): string {
  if (text === undefined) return genericDialect;
  if (diagnoseDialects.includes(text)) return text;
  throw usageError(
    `there is no dialect "${text}" to diagnose`,
    ...meantHints(text, diagnoseDialects),
    `dialects are ${diagnoseDialects.join(', ')}`,
  );
}
