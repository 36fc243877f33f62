/** What a kind of fault tells about itself; the registry holds one of these for each. */
import type { z } from 'zod';
import type { Fault, Pipe, PipeContext } from './fault.ts';

/** Where files that a fault names are found. */
export interface FaultEnvironment {
  readText(path: string): string;
  /** Relative paths are relative to it. */
  baseDirectory: string;
}

export interface FaultDefinition<Schema extends z.ZodObject = z.ZodObject> {
  kind: string;
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
