/**
 * What is wrong with a client event. Thrown by whatever reads the event and turned into an `error`
 * server event in one place; the session stays open, as in the real API.
 */

export interface ProblemDetails {
  code: string;
  /** Path of the offending member, e.g. `session.audio.input.format`; null where there is none. */
  param?: string | null;
  type?: 'invalid_request_error' | 'server_error' | 'rate_limit_error';
}

export class EventProblem extends Error {
  readonly code: string;
  readonly param: string | null;
  readonly type: string;

  constructor(message: string, details: ProblemDetails) {
    super(message);
    this.name = 'EventProblem';
    this.code = details.code;
    this.param = details.param ?? null;
    this.type = details.type ?? 'invalid_request_error';
  }
}
