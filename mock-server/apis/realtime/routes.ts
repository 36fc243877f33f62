/** Where the Realtime API meets HTTP: who may connect, and what the socket becomes. */
import type { IncomingMessage } from 'node:http';
import { WebSocketServer, type WebSocket } from 'ws';
import { ApiProblem, notFound } from '../../http/api-problem.ts';
import type { MockContext } from '../../http/context.ts';
import { bearerKey, checkKey, truthAsked } from '../../http/exchange.ts';
import type { Router, Upgrade } from '../../http/router.ts';
import { createHost } from './answer.ts';
import { pcm } from './audio/format.ts';
import { prepareSpeech } from './audio/speech.ts';
import { ClientSecrets, modelOf } from './client-secrets.ts';
import type { RealtimeHost } from './host.ts';
import { refuseSession, serveSession } from './socket.ts';
import type { SessionUpdate } from './session-schema.ts';

const keyProtocol = 'openai-insecure-api-key.';

function offeredProtocols(request: IncomingMessage): string[] {
  const header = request.headers['sec-websocket-protocol'];
  return header === undefined ? [] : header.split(',').map((name) => name.trim());
}

/** The key a client presents: in the header or, from a browser, as a subprotocol. */
function presentedKey(request: IncomingMessage): string | undefined {
  const named = offeredProtocols(request).find((name) => name.startsWith(keyProtocol));
  return bearerKey(request) ?? named?.slice(keyProtocol.length);
}

function wantsBeta(request: IncomingMessage): boolean {
  const header = String(request.headers['openai-beta'] ?? '');
  return (
    header.split(',').some((part) => part.trim() === 'realtime=v1') ||
    offeredProtocols(request).includes('openai-beta.realtime-v1')
  );
}

/** A reason to end the session right after it has been opened, told in an `error` event. */
interface Refusal {
  code: string;
  message: string;
}

function refusalOf(
  upgrade: Upgrade,
  model: string | undefined,
  transcribes: boolean,
): Refusal | undefined {
  const { models } = upgrade.context.settings;
  if (wantsBeta(upgrade.request)) {
    return {
      code: 'beta_api_shape_disabled',
      message:
        'The Realtime Beta API is not supported. Leave out the OpenAI-Beta header (or the openai-beta.realtime-v1 subprotocol) to use the GA API.',
    };
  }
  const intent = upgrade.query.get('intent');
  if (intent !== null && intent !== 'transcription') {
    return {
      code: 'invalid_intent',
      message: `Invalid intent '${intent}': 'transcription' is supported.`,
    };
  }
  if (!transcribes && model === undefined) {
    return { code: 'missing_model', message: 'You must provide a model parameter.' };
  }
  if (model !== undefined && models && !models.includes(model)) {
    return {
      code: 'model_not_found',
      message: `The model '${model}' does not exist or you do not have access to it.`,
    };
  }
  return undefined;
}

/** Checks the key. @returns the configuration that came with a client secret. */
function authorize(upgrade: Upgrade, secrets: ClientSecrets): SessionUpdate | undefined {
  const key = presentedKey(upgrade.request);
  const secret = secrets.find(key);
  if (secret === 'expired') {
    throw new ApiProblem({
      status: 401,
      code: 'invalid_api_key',
      message: 'The client secret has expired. Create a new one.',
    });
  }
  if (secret !== 'unknown') return secret;
  checkKey(upgrade.context, key);
  return undefined;
}

/** Adds `GET /v1/realtime` (upgrade) and `POST /v1/realtime/client_secrets`. */
export function realtimeApi(router: Router, context: MockContext): void {
  const host: RealtimeHost = createHost(context);
  const secrets = new ClientSecrets(host);
  const server = new WebSocketServer({
    noServer: true,
    maxPayload: context.settings.limits.messageBytes,
    perMessageDeflate: false,
    // Never one of the others: one of them holds the key.
    handleProtocols: (offered) => (offered.has('realtime') ? 'realtime' : false),
  });

  router.register('POST', '/v1/realtime/client_secrets', async (exchange) => {
    checkKey(context, bearerKey(exchange.request));
    exchange.sendJson(200, secrets.create(await exchange.readJson()));
  });

  let prepared = false;
  router.registerUpgrade('/v1/realtime', (upgrade) => {
    if (!prepared) {
      prepared = true;
      const { chunkMs, msPerToken } = context.settings.audio;
      // A delta holds whole tokens, as the planner cuts them.
      prepareSpeech(Math.max(1, Math.round(chunkMs / msPerToken)) * msPerToken, pcm);
    }
    const { query, request, socket, head } = upgrade;
    const initial = authorize(upgrade, secrets);
    const callId = query.get('call_id');
    if (callId !== null) throw notFound(`No call with id '${callId}'.`, 'call_id_not_found');
    const model = query.get('model') ?? (initial && modelOf(initial));
    const transcribes =
      query.get('intent') === 'transcription' || initial?.type === 'transcription';
    const refusal = refusalOf(upgrade, model, transcribes);
    server.handleUpgrade(request, socket, head, (ws: WebSocket) => {
      if (refusal) {
        refuseSession(ws, refusal);
        return;
      }
      serveSession(ws, socket, {
        host,
        type: transcribes ? 'transcription' : 'realtime',
        model: model ?? '',
        initial: initial && matching(initial, transcribes, model),
        truth: truthAsked(request),
      });
    });
  });
}

/** A secret's configuration for the session that the URL asks for; the URL's model wins. */
function matching(
  initial: SessionUpdate,
  transcribes: boolean,
  model: string | undefined,
): SessionUpdate | undefined {
  if (initial.type === 'realtime') return transcribes ? undefined : { ...initial, model };
  return initial;
}
