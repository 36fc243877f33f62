/** What an API's dialect makes of the options: the request that is diagnosed, and how its answer is read. */
import type { Conversation, Dialect, TurnInput } from '../dialect/dialect.ts';
import { neutralOptions } from '../dialect/options.ts';
import { endpointOf } from './endpoint.ts';
import { dialectMeaning, type MeaningReader } from './observe/meaning.ts';
import type { DiagnoseOptions } from './options.ts';

/** Asks for a few hundred tokens of about equal size, whatever the model. */
const defaultPrompt =
  'Count from 1 to 200 in English words, one number per line, and write nothing else.';
const defaultMaxTokens = 256;

/** A request as probes send it. */
export interface DiagnosedRequest {
  url: URL;
  direct: URL | undefined;
  /** The first is as asked. */
  methods: readonly string[];
  /** Names in lower case. */
  headers: readonly (readonly [name: string, value: string])[];
  body: Buffer | undefined;
  /** A fresh one for each answer. */
  meaning(): MeaningReader;
  /** How the URL was understood, where that is not plain; for the user. */
  note: string | undefined;
}

/** @param urls - as users name them: base URLs, or the endpoint itself. */
export function dialectRequest(
  api: Dialect,
  urls: { url: URL; direct: URL | undefined },
  options: Pick<DiagnoseOptions, 'model' | 'prompt' | 'maxTokens' | 'apiKey'>,
): DiagnosedRequest {
  const converse = (): Conversation =>
    api.start({
      transport: 'sse',
      model: options.model ?? api.supports.diagnose!.model,
      stream: true,
      dialectOptions: neutralOptions(api.options),
      keepsHistory: false,
      extraBody: {},
    });
  const asked = converse().ask(
    turn(options.prompt ?? defaultPrompt, options.maxTokens ?? defaultMaxTokens),
  );
  const headers = {
    ...(asked.body && { 'content-type': 'application/json' }),
    ...(options.apiKey !== undefined && api.authorize(options.apiKey)),
    ...asked.headers,
  };
  const { endpoint, appended } = endpointOf(urls.url, asked.path);
  return {
    url: endpoint,
    direct: urls.direct && endpointOf(urls.direct, asked.path).endpoint,
    methods: [asked.method],
    headers: Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]),
    body: asked.body && Buffer.from(JSON.stringify(asked.body)),
    meaning: () => {
      const conversation = converse();
      // A conversation decodes only what it has asked for.
      conversation.ask(turn('', undefined));
      return dialectMeaning(conversation);
    },
    note: appended === undefined ? undefined : `${appended} was appended to the base URL`,
  };
}

function turn(prompt: string, maxTokens: number | undefined): TurnInput {
  return {
    streamId: 'diagnose',
    content: { kind: 'prompt', text: prompt },
    maxTokens,
    instructions: undefined,
    tools: [],
    toolChoice: undefined,
  };
}
