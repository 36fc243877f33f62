/** A refusal in the API's shape. Handlers throw it; the router answers with it. */

export interface ApiProblemDetails {
  status: number;
  message: string;
  /** `invalid_request_error`, `server_error`, `requests`, … */
  type?: string;
  code?: string | null;
  /** Path of the offending member of the request body. */
  param?: string | null;
  headers?: Record<string, string>;
}

export class ApiProblem extends Error {
  readonly status: number;
  readonly type: string;
  readonly code: string | null;
  readonly param: string | null;
  readonly headers: Record<string, string>;

  constructor(details: ApiProblemDetails) {
    super(details.message);
    this.name = 'ApiProblem';
    this.status = details.status;
    this.type = details.type ?? (details.status >= 500 ? 'server_error' : 'invalid_request_error');
    this.code = details.code ?? null;
    this.param = details.param ?? null;
    this.headers = details.headers ?? {};
  }

  /** The `error` member: all four keys are always there. */
  get error(): { message: string; type: string; param: string | null; code: string | null } {
    return { message: this.message, type: this.type, param: this.param, code: this.code };
  }

  /** The body of the HTTP answer. */
  get body(): string {
    return JSON.stringify({ error: this.error });
  }
}

/** 400 that names the offending member. */
export function badRequest(
  message: string,
  param: string | null = null,
  code?: string,
): ApiProblem {
  return new ApiProblem({ status: 400, message, param, code: code ?? null });
}

export function missingParameter(name: string): ApiProblem {
  return badRequest(`Missing required parameter: '${name}'.`, name, 'missing_required_parameter');
}

export function invalidType(name: string, expected: string, value: unknown): ApiProblem {
  const got = value === null ? 'null' : Array.isArray(value) ? 'an array' : `a ${typeof value}`;
  return badRequest(
    `Invalid type for '${name}': expected ${expected}, but got ${got} instead.`,
    name,
    'invalid_type',
  );
}

export function notFound(message: string, code: string | null = null): ApiProblem {
  return new ApiProblem({ status: 404, message, code });
}

export function modelNotFound(model: string): ApiProblem {
  return notFound(
    `The model '${model}' does not exist or you do not have access to it.`,
    'model_not_found',
  );
}

/** What the service says when its slots and its queue are full. */
export function overloaded(): ApiProblem {
  return new ApiProblem({
    status: 503,
    type: 'service_unavailable_error',
    code: 'server_is_overloaded',
    message: 'The server is currently overloaded with other requests. Please retry later.',
    headers: { 'retry-after': '1' },
  });
}
