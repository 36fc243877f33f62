import { exitCodes, type ExitCodeName } from './exit-codes.ts';

/** Where in a file an error is; line and column count from 1. */
export interface SourcePlace {
  file: string;
  line: number;
  column: number;
  /** Length of the offending text in characters, for the caret line. */
  length: number;
  /** The whole source line. */
  text: string;
}

export interface ErrorDetails {
  /** Stable, grep-able identifier in kebab-case, e.g. `unknown-key`. */
  code: string;
  /** Decides the process's exit code. Default `crash`. */
  exit?: ExitCodeName;
  /** What the user can do about it: one line each. */
  hints?: string[];
  place?: SourcePlace;
  cause?: unknown;
}

/**
 * An error that a user can act on: what is wrong, where, and what to do. Printed without a stack.
 *
 * @example
 * ```js
 * import { runScenario, StreamgaugeError } from 'streamgauge';
 *
 * try {
 *   await runScenario({ target: 'http://127.0.0.1:1', prompt: 'Hello' });
 * } catch (error) {
 *   if (!(error instanceof StreamgaugeError)) throw error;
 *   console.error(error.code, error.hints);
 *   process.exitCode = error.exitCode;
 * }
 * ```
 */
export class StreamgaugeError extends Error {
  readonly code: string;
  readonly exit: ExitCodeName;
  readonly hints: readonly string[];
  readonly place: SourcePlace | undefined;

  constructor(message: string, details: ErrorDetails) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = 'StreamgaugeError';
    this.code = details.code;
    this.exit = details.exit ?? 'crash';
    this.hints = details.hints ?? [];
    this.place = details.place;
  }

  get exitCode(): number {
    return exitCodes[this.exit].code;
  }
}

/**
 * Several errors found at once (all problems of one scenario file, say).
 *
 * @example
 * ```js
 * import { runScenario, StreamgaugeErrors } from 'streamgauge';
 *
 * try {
 *   await runScenario({ target: 'mock', lod: {}, propmt: 'Hello' });
 * } catch (error) {
 *   if (!(error instanceof StreamgaugeErrors)) throw error;
 *   for (const { code, message } of error.errors) console.error(code, message);
 * }
 * ```
 */
export class StreamgaugeErrors extends StreamgaugeError {
  readonly errors: readonly StreamgaugeError[];

  constructor(errors: readonly [StreamgaugeError, ...StreamgaugeError[]]) {
    super(errors.map((error) => error.message).join('\n'), {
      code: errors[0].code,
      exit: errors[0].exit,
    });
    this.errors = errors;
  }
}

/** The message of anything that was thrown. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}

/** The `code` of a system or library error (`ECONNREFUSED`), or '' where there is none. */
export function codeOf(thrown: unknown): string {
  if (typeof thrown !== 'object' || thrown === null) return '';
  const code = (thrown as { code?: unknown }).code;
  return typeof code === 'string' ? code : '';
}

/**
 * The text that the command line prints for an error, in the shape of a compiler's message:
 * what, `file:line:column`, the line with a caret, and what to do.
 *
 * @example
 * ```js
 * import { formatError, StreamgaugeError } from 'streamgauge';
 *
 * const error = new StreamgaugeError('there is no model "smal"', {
 *   code: 'unknown-model',
 *   hints: ['did you mean "small"?'],
 * });
 * console.error(formatError(error));
 * ```
 */
export function formatError(error: StreamgaugeError): string {
  if (error instanceof StreamgaugeErrors) return error.errors.map(formatError).join('\n');
  const lines = [`error[${error.code}]: ${error.message}`];
  const { place } = error;
  if (place) {
    const gutter = ' '.repeat(String(place.line).length);
    lines.push(
      `${gutter}--> ${place.file}:${place.line}:${place.column}`,
      `${gutter} |`,
      `${place.line} | ${place.text}`,
      `${gutter} | ${' '.repeat(place.column - 1)}${'^'.repeat(Math.max(1, place.length))}`,
    );
    for (const hint of error.hints) lines.push(`${gutter} = ${hint}`);
  } else {
    for (const hint of error.hints) lines.push(`  = ${hint}`);
  }
  return `${lines.join('\n')}\n`;
}
