/**
 * Ephemeral keys for browsers: `POST /v1/realtime/client_secrets` trades the real key for an `ek_…`
 * that opens sessions with a given configuration until it expires.
 */
import { z } from 'zod';
import { ApiProblem } from '../../http/api-problem.ts';
import type { RealtimeHost } from './host.ts';
import { EventProblem } from './problem.ts';
import { check } from './schema-problem.ts';
import { applyUpdate, defaultConfig } from './session-config.ts';
import { sessionUpdateSchema, type SessionUpdate } from './session-schema.ts';

const requestSchema = z.strictObject({
  expires_after: z
    .strictObject({
      anchor: z.literal('created_at').optional(),
      seconds: z.int().min(10).max(7200).optional(),
    })
    .optional(),
  session: sessionUpdateSchema.optional(),
});

const defaultModel = 'gpt-realtime';
const defaultSeconds = 600;
/** Secrets kept at once; the oldest go first. */
const mostKept = 100_000;

interface Secret {
  expiresMs: number;
  session: SessionUpdate;
}

export type SecretState = 'unknown' | 'expired' | SessionUpdate;

export class ClientSecrets {
  readonly #host: RealtimeHost;
  readonly #secrets = new Map<string, Secret>();

  constructor(host: RealtimeHost) {
    this.#host = host;
  }

  /**
   * Makes a secret from a request body.
   *
   * @returns the response body.
   * @throws ApiProblem 400 naming the member that is wrong.
   */
  create(body: unknown): Record<string, unknown> {
    const host = this.#host;
    try {
      const request = check(requestSchema, body, '');
      const session: SessionUpdate = request.session ?? { type: 'realtime' };
      const model = modelOf(session) ?? defaultModel;
      const now = host.wallMs();
      const expiresMs = now + (request.expires_after?.seconds ?? defaultSeconds) * 1000;
      const expiresAt = Math.floor((now + host.sessionLifetimeMs) / 1000);
      const defaults = defaultConfig(session.type, { id: host.newId('sess'), model, expiresAt });
      const config = applyUpdate(defaults, session, { spoken: false });
      const value = host.newId('ek');
      this.#secrets.set(value, { expiresMs, session: withModel(session, model) });
      this.#forgetOldest();
      return { value, expires_at: Math.floor(expiresMs / 1000), session: config };
    } catch (thrown) {
      if (!(thrown instanceof EventProblem)) throw thrown;
      const { message, code, param } = thrown;
      throw new ApiProblem({ status: 400, message, code, param });
    }
  }

  /** What a key that a client presents stands for. */
  find(key: string | undefined): SecretState {
    const secret = key === undefined ? undefined : this.#secrets.get(key);
    if (!secret) return 'unknown';
    return this.#host.wallMs() < secret.expiresMs ? secret.session : 'expired';
  }

  #forgetOldest(): void {
    if (this.#secrets.size <= mostKept) return;
    const [oldest] = this.#secrets.keys();
    if (oldest !== undefined) this.#secrets.delete(oldest);
  }
}

export function modelOf(session: SessionUpdate): string | undefined {
  return session.type === 'realtime' ? session.model : undefined;
}

function withModel(session: SessionUpdate, model: string): SessionUpdate {
  return session.type === 'realtime' ? { ...session, model } : session;
}
