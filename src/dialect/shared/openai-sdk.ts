/**
 * The official `openai` package behind the contract of `SdkChannel`; each API says which of its methods
 * a user would call. Loads the package: imported only by the members' files for it.
 */
import OpenAI, { APIConnectionError, APIError } from 'openai';
import type {
  SdkAdapter,
  SdkClient,
  SdkFailure,
  SdkSettings,
  SdkSocket,
  SdkSocketListener,
} from '../../transport/sdk.ts';
import type { WireRequest } from '../../transport/transport.ts';

/** Options of one of the package's requests. */
export interface RequestOptions {
  signal: AbortSignal;
  headers: Record<string, string>;
}

/** Options of the package's WebSocket clients, which hand them to `ws`. */
export interface SocketOptions {
  headers: Record<string, string>;
  createConnection: SdkSettings['openSocket'];
}

/** What one API adds: the methods that a user would call. */
export interface OpenAiCalls {
  readonly create?: (
    client: OpenAI,
    /** Of the exact type that only the package knows. */
    body: never,
    options: RequestOptions,
  ) => { withResponse(): Promise<{ data: unknown; response: Response }> };
  readonly endOfStream?: string;
  readonly connect?: (
    client: OpenAI,
    request: WireRequest,
    options: SocketOptions,
    listener: SdkSocketListener,
  ) => SdkSocket;
}

export function openAiSdk({ create, connect, endOfStream }: OpenAiCalls): SdkAdapter {
  return {
    open(settings): SdkClient {
      const client = clientFor(settings);
      return {
        ...(create && {
          async ask({ body }, options) {
            const { data, response } = await create(client, body as never, options).withResponse();
            return { answer: data, response };
          },
        }),
        ...(endOfStream !== undefined && { endOfStream }),
        ...(connect && {
          connect(request, headers, listener) {
            // Also what lets the Realtime client, which insists on wss:, talk to a plain target.
            const createConnection = (): ReturnType<SdkSettings['openSocket']> =>
              settings.openSocket();
            return connect(
              client,
              request,
              { headers: { ...headers }, createConnection },
              listener,
            );
          },
        }),
        failureOf,
      };
    },
  };
}

function clientFor({ baseUrl, headers, fetch }: SdkSettings): OpenAI {
  const base = new URL(baseUrl);
  const defaultQuery = Object.fromEntries(base.searchParams);
  base.search = '';
  return new OpenAI({
    apiKey: (headers['authorization'] ?? '').replace(/^Bearer /, '') || 'none',
    baseURL: base.href.replace(/\/+$/, ''),
    maxRetries: 0, // A hidden retry would hide an outcome.
    defaultHeaders: { ...headers },
    defaultQuery,
    fetch,
  });
}

function failureOf(error: unknown): SdkFailure | undefined {
  if (error instanceof APIConnectionError) {
    return { kind: 'connection', cause: error.cause ?? error };
  }
  if (!(error instanceof APIError)) return undefined;
  return {
    kind: 'api',
    status: error.status as number | undefined,
    headers: Object.fromEntries((error.headers as Headers | undefined) ?? []),
    body: { error: error.error ?? { code: error.code, message: error.message } },
  };
}

/** What the package's WebSocket clients report as an error, as far as it is not the API's. */
export function causeOf(error: { cause?: unknown; error?: unknown }): unknown {
  return error.cause ?? (error.error ? undefined : error);
}
