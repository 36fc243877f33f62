/** Careful reading of JSON that another program wrote. */
import type { Frame } from '../../transport/transport.ts';
import type { MeaningSink } from '../dialect.ts';

export type JsonObject = { readonly [key: string]: unknown };

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** An object member that is an object; undefined otherwise. */
export function objectAt(parent: JsonObject, key: string): JsonObject | undefined {
  const value = parent[key];
  return isObject(value) ? value : undefined;
}

/** An object member that is a string; '' otherwise. */
export function textAt(parent: JsonObject, key: string): string {
  const value = parent[key];
  return typeof value === 'string' ? value : '';
}

/** An object member that is a number; undefined otherwise. */
export function numberAt(parent: JsonObject, key: string): number | undefined {
  const value = parent[key];
  return typeof value === 'number' ? value : undefined;
}

/** An object member that is an array; empty otherwise. */
export function arrayAt(parent: JsonObject, key: string): readonly unknown[] {
  const value = parent[key];
  return Array.isArray(value) ? value : [];
}

/** The frame's payload as an object; reports `malformed` and returns undefined where it is not one. */
export function parseFrame(frame: Frame, sink: MeaningSink): JsonObject | undefined {
  let value: unknown = frame.json;
  if (value === undefined) {
    try {
      value = JSON.parse(frame.data);
    } catch {
      sink.malformed(`not JSON: ${excerpt(frame.data)}`);
      return undefined;
    }
  }
  if (isObject(value)) return value;
  sink.malformed(`JSON, but not an object: ${excerpt(frame.data)}`);
  return undefined;
}

/** Reports an API error object, in the flat or the nested form that servers use. */
export function reportError(error: unknown, sink: MeaningSink): void {
  if (isObject(error)) {
    const code = textAt(error, 'code') || textAt(error, 'type') || 'error';
    sink.error(code, textAt(error, 'message') || JSON.stringify(error).slice(0, 200));
  } else {
    sink.error('error', String(error).slice(0, 200));
  }
}

function excerpt(text: string): string {
  return JSON.stringify(text.length > 80 ? `${text.slice(0, 80)}…` : text);
}

/** What an API calls its input and output tokens; the details hang on the same words. */
export type UsageWords = 'prompt/completion' | 'input/output';

/** Reports a usage object. Members that are missing stay missing: 0 would be a claim. */
export function reportUsage(usage: JsonObject, words: UsageWords, sink: MeaningSink): void {
  const [input, output] = words.split('/') as [string, string];
  const inputTokens = numberAt(usage, `${input}_tokens`);
  const outputTokens = numberAt(usage, `${output}_tokens`);
  const cachedTokens = numberAt(objectAt(usage, `${input}_tokens_details`) ?? {}, 'cached_tokens');
  const details = objectAt(usage, `${output}_tokens_details`) ?? {};
  const reasoningTokens = numberAt(details, 'reasoning_tokens');
  sink.usage({
    ...(inputTokens === undefined ? {} : { inputTokens }),
    ...(outputTokens === undefined ? {} : { outputTokens }),
    ...(reasoningTokens === undefined ? {} : { reasoningTokens }),
    ...(cachedTokens === undefined ? {} : { cachedTokens }),
  });
}
