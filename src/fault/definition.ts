/** What a kind of fault tells about itself; the registry holds one of these for each. */
import type { z } from 'zod';
import type { EventKindReader } from '../wire/event-kind.ts';
import type { Fault, Pipe, PipeContext } from './fault.ts';

/** What a fault gets from outside: the files it names, and the meaning of what passes. */
export interface FaultEnvironment {
  readText(path: string): string;
  /** Relative paths are relative to it. */
  baseDirectory: string;
  /**
   * What an event is, in the API that is spoken. Needed by faults that look inside; making one without
   * it is an error.
   */
  eventKind?: EventKindReader;
}

/** The way from client to target that a fault is put on, as far as it is known. */
export interface FaultWay {
  transport?: 'http' | 'sse' | 'websocket';
  httpVersion?: '1.1' | '2';
  /** The target is the bundled mock. */
  mock?: boolean;
  /** Its answers are ASCII only. */
  asciiOnly?: boolean;
  /** TLS passes the relay unopened; the value says how to open it. */
  sealed?: string | undefined;
}

/** Why a fault cannot happen on a way. */
export interface Misfit {
  /** Within the fault's settings. */
  path: string[];
  message: string;
  /** What can be done instead. */
  hints: string[];
}

export interface FaultDefinition<Schema extends z.ZodObject = z.ZodObject> {
  kind: string;
  /** Documentation lists the kinds by it, the lowest first. */
  place: number;
  /** One sentence for the table of faults. */
  summary: string;
  /** What in the real world it stands for, with its source. */
  models: string;
  /** False where it changes or loses bytes, which no TCP connection does. */
  keepsBytes: boolean;
  /** The key that a bare value is meant for: `delay: 50ms`. */
  short: string | undefined;
  /** Settings in base form for one line of the documentation. */
  example: string;
  schema: Schema;
  /** Whether it must read what passes, for which TLS has to end at the relay. Default: never. */
  looksInside?(spec: z.infer<Schema>): boolean;
  /** Why it cannot happen on a way; default: it always can. */
  misfit?(spec: z.infer<Schema>, way: FaultWay): Misfit | undefined;
  /** @throws StreamgaugeError where a file it names cannot be used. */
  make(spec: z.infer<Schema>, environment: FaultEnvironment): Fault;
}

export function defineFault<Schema extends z.ZodObject>(
  definition: FaultDefinition<Schema>,
): FaultDefinition<Schema> {
  return definition;
}

/** The pipe of a direction that a fault leaves alone. */
export function untouched(context: PipeContext): Pipe {
  return {
    write: (bytes) => context.forward(bytes),
    end: () => context.forwardEnd(),
  };
}
