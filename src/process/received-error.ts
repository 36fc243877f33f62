/** Errors about a child process, and those that it sent. */
import { exitCodes, type ExitCodeName } from '../exit-codes.ts';
import { StreamgaugeError, StreamgaugeErrors, type ErrorDetails } from '../errors.ts';
import type { SentError } from './sent-error.js';

/** A child as messages to the user name it. */
export interface ChildFace {
  /** "the mock server" */
  readonly name: string;
  /** What codes of its errors begin with: `mock` gives `mock-ended`, `mock-no-answer`. */
  readonly code: string;
  /** How the program exits where the child itself is the problem; default: `crash`. */
  readonly exit?: ExitCodeName;
  /** What to do then. */
  readonly hints?: readonly string[];
}

/** How a process ended; both null where it never started. */
export interface ProcessEnd {
  readonly exitCode: number | null;
  readonly signal: string | null;
}

/** The error that a child sent. One without a code is a defect, and keeps the child's stack. */
export function receivedError(face: ChildFace, sent: SentError): StreamgaugeError {
  const [first, ...others] = (sent.errors ?? []).map((error) => receivedError(face, error));
  if (first) return new StreamgaugeErrors([first, ...others]);
  const error = new StreamgaugeError(sent.message, {
    code: sent.code ?? `${face.code}-failed`,
    exit: exitOf(sent.exit) ?? face.exit ?? 'crash',
    hints: [...(sent.hints ?? face.hints ?? [])],
    ...(sent.place && { place: sent.place }),
  });
  if (sent.stack !== undefined) error.stack = sent.stack;
  return error;
}

/** "the mock server ended unexpectedly (signal SIGKILL)" */
export function endedError(face: ChildFace, { exitCode, signal }: ProcessEnd): StreamgaugeError {
  const how = signal === null ? `exit code ${exitCode}` : `signal ${signal}`;
  return new StreamgaugeError(`${face.name} ended unexpectedly (${how})`, {
    code: `${face.code}-ended`,
    ...detailsOf(face),
    ...(signal === 'SIGKILL' && {
      hints: ['where memory runs out, the system kills processes so; its log says which'],
    }),
  });
}

/** It was told to end. */
export function closedError(face: ChildFace): StreamgaugeError {
  return new StreamgaugeError(`${face.name} has been closed`, { code: `${face.code}-closed` });
}

/** It could not be started at all. */
export function startError(face: ChildFace, reason: string): StreamgaugeError {
  return new StreamgaugeError(`${face.name} cannot be started: ${reason}`, {
    code: `${face.code}-start-failed`,
    ...detailsOf(face),
  });
}

function detailsOf({ exit, hints }: ChildFace): Omit<ErrorDetails, 'code'> {
  return { ...(exit && { exit }), ...(hints && { hints: [...hints] }) };
}

function exitOf(name: string | undefined): ExitCodeName | undefined {
  return name !== undefined && Object.hasOwn(exitCodes, name) ? (name as ExitCodeName) : undefined;
}
