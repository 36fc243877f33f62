/**
 * What a child process serves: one module exports it as `service`, its parent starts it with
 * `startService` and asks it by name.
 *
 * @example
 * ```ts
 * // What the child runs:
 * export const service = defineService({
 *   name: 'the clock',
 *   code: 'clock',
 *   module: import.meta.url,
 *   start: ({ zone }: { zone: string }) => ({
 *     started: { port: 80 },
 *     calls: { time: () => now(zone) },
 *     close: () => undefined,
 *   }),
 * });
 * // What the parent does:
 * const clock = await startService(service, { zone: 'UTC' });
 * await clock.ask('time');
 * ```
 */
import type { Wait } from './channel.js';
import type { ChildFace } from './received-error.ts';
import type { StreamgaugeError } from '../errors.ts';

/** What one side answers, by question: one value in, one value out, immediately or later. */
export type AnyCalls = Record<string, (input: never) => unknown>;
type Callable<Calls> = { [Name in keyof Calls]: (input: never) => unknown };

/** Asks the other side. */
export interface Asker<Calls> {
  /**
   * @returns a promise that fails with the other side's error, with `…-ended` when it dies,
   *   `…-no-answer` after a deadline (`callMs` unless told), or the reason of an aborted signal.
   */
  ask<Name extends keyof Calls & string>(
    question: Name,
    ...input: Asked<Calls[Name]>
  ): Promise<Answered<Calls[Name]>>;
}

type Asked<Call> = Call extends () => unknown
  ? [input?: undefined, wait?: Wait]
  : Call extends (input: infer Input) => unknown
    ? [input: Input, wait?: Wait]
    : never;
export type Answered<Call> = Call extends (input: never) => infer Output ? Awaited<Output> : never;

/** What runs once a service has started. */
export interface Serving<Started, Calls> {
  /** What the parent is told of it. */
  readonly started: Started;
  /** Questions that it answers. */
  readonly calls: Calls;
  /** Orderly end. Not called when the parent dies: the process then ends immediately. */
  close(): Promise<void> | void;
}

export interface Service<Request, Started, Calls, ParentCalls = object> extends ChildFace {
  /** `import.meta.url` of the module that exports it. */
  readonly module: string;
  /** @param parent - can be asked what it offered to `startService`. */
  start(
    request: Request,
    parent: Asker<ParentCalls>,
  ): Promise<Serving<Started, Calls>> | Serving<Started, Calls>;
}

export type AnyServing = Serving<unknown, AnyCalls>;
/** A service as the protocol sees it, which has no types. */
export interface AnyService extends ChildFace {
  start(
    request: never,
    parent: { ask(question: string, input: unknown): Promise<unknown> },
  ): Promise<AnyServing> | AnyServing;
}

/** A service that runs, here or in a process. */
export interface RunningService<Started, Calls> extends Asker<Calls> {
  readonly started: Started;
  /**
   * Tells when it ends without having been told to, even if it is never asked anything; immediately where
   * it already has.
   *
   * @param listener - gets the error that says how.
   * @returns what to call to stop listening.
   */
  onExit(listener: (error: StreamgaugeError) => void): () => void;
  /** Ends it, by force after a grace. Idempotent; never fails. */
  close(): Promise<void>;
}

// ── what can travel ─────────────────────────────────────────────────────────────────────────────

type Whole =
  | undefined
  | null
  | boolean
  | number
  | string
  | bigint
  | Date
  | RegExp
  | ArrayBuffer
  | ArrayBufferView;
type Unsendable = symbol | ((...input: never[]) => unknown) | PromiseLike<unknown>;

/** The type itself where all of it survives structured cloning; `never` in place of what does not. */
export type Survives<T> = T extends Whole
  ? T
  : T extends Unsendable
    ? never
    : T extends ReadonlyMap<infer Key, infer Value>
      ? ReadonlyMap<Survives<Key>, Survives<Value>>
      : T extends ReadonlySet<infer Value>
        ? ReadonlySet<Survives<Value>>
        : T extends object
          ? { [Key in keyof T]: Survives<T[Key]> }
          : T;

type Inputs<Calls> = {
  [Name in keyof Calls]: Calls[Name] extends (input: infer Input) => unknown ? Input : undefined;
};
type Outputs<Calls> = { [Name in keyof Calls]: Answered<Calls[Name]> };
type Refusal<T> = [T] extends [Survives<T>] ? [] : [refused: 'a part of it cannot be sent'];

/**
 * A service, checked by type: what would not survive the way between processes does not compile.
 *
 * @param refused - never given; asked for where something cannot be sent.
 */
export function defineService<Request, Started, Calls extends Callable<Calls>, Parent = object>(
  service: Service<Request, Started, Calls, Parent>,
  ..._refused: Refusal<[Request, Started, Inputs<Calls>, Outputs<Calls>]>
): Service<Request, Started, Calls, Parent> {
  return service;
}
