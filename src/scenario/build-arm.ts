/** One arm: its parts checked against each other, and every default filled in. */
import { MockOptionError, resolveMockOptions } from '../../mock-server/settings/resolve-options.ts';
import { defaultDialect, dialectNamed, exampleModel } from '../dialect/registry.ts';
import { parseDuration } from '../settings/units.ts';
import type { DraftArm } from './arms.ts';
import { buildLoad } from './build-load.ts';
import { buildSession, type Texts } from './build-session.ts';
import { checkFaults } from './check-faults.ts';
import { checkDialect } from './check-dialect.ts';
import { buildDialectOptions } from './dialect-options.ts';
import type { ScenarioFiles } from './files.ts';
import { problemsOf } from '../settings/schema-problems.ts';
import { buildNetwork } from './build-network.ts';
import { buildLeave, buildPrice, buildReader, checkLeave } from './leave.ts';
import { buildReconnect, checkResume } from './reconnect.ts';
import { whyMissing } from '../proxy/real/registry.ts';
import type { TransportName } from '../transport/transport.ts';
import type { ArmPlan, ProxyPlan, SessionScript, Target } from './plan.ts';
import type { Path, Problem } from '../settings/problem.ts';
import { mergedArmSchema, type MergedArm } from './schema-arm.ts';
import { scenarioWords } from './scenario-words.ts';
import type { ScenarioInput } from './schema.ts';

export const defaults = {
  /** The mock accepts any model; the name says where the numbers come from. */
  mockModel: 'mock-model',
  connectMs: 10_000,
  idleMs: 60_000,
  totalMs: 600_000,
  /** About 300 words a minute at 1.33 tokens a word: 6.7 tokens a second. */
  readingPaceMs: 150,
} as const;

export interface ArmContext {
  scenario: ScenarioInput;
  texts: Texts;
  files: ScenarioFiles;
  /** Takes a mistake with the paths, from the arm, of everything that it follows from. */
  readonly report: (draft: DraftArm, problem: Problem, follows?: readonly Path[]) => void;
}

const ms = (text: string | undefined, otherwise: number): number =>
  text === undefined ? otherwise : parseDuration(text);

/** The arm, or undefined where a mistake (reported) leaves nothing to build. */
export function buildArm(draft: DraftArm, context: ArmContext): ArmPlan | undefined {
  const { files } = context;
  const wrong = problemsOf(mergedArmSchema, draft.settings, scenarioWords);
  for (const problem of wrong) context.report(draft, problem);
  if (wrong.length > 0) return undefined;
  const arm = draft.settings as MergedArm;
  const report = (problem: Problem): void => context.report(draft, problem);

  const dialect = dialectNamed(arm.dialect ?? defaultDialect);
  const transport = arm.transport ?? dialect.transports[0]!;
  const version = String(arm.http ?? '1.1') === '2' ? '2' : '1.1';
  const target = targetOf(arm.target, report);
  if (version === '2' && transport === 'websocket') {
    report({
      path: ['http'],
      code: 'http-mismatch',
      message: 'websocket uses HTTP/1.1, not HTTP/2',
      hints: ['remove `http: 2` from this arm, or set http: 1.1 in it'],
    });
  }
  if (version === '2' && target?.kind === 'url' && target.baseUrl.startsWith('http:')) {
    report({
      path: ['http'],
      code: 'http-mismatch',
      message: 'HTTP/2 is negotiated inside TLS; the target is plain http',
      hints: ['use an https target, or http: 1.1'],
    });
  }
  const dialectOptions = buildDialectOptions(arm, dialect, (problem, follows) =>
    context.report(draft, problem, follows),
  );
  const model = arm.model ?? (target?.kind === 'url' ? undefined : defaults.mockModel);
  if (model === undefined) {
    // Shown at the target, which is what asks for it.
    report({
      path: ['target'],
      code: 'missing-key',
      message: `"model" is missing in arm ${draft.name}: a real target has no default`,
      hints: [`for example model: ${dialect.supports.diagnose?.model ?? exampleModel}`],
    });
  }
  const ca = arm.tls?.ca === undefined ? undefined : files.read(arm.tls.ca, ['tls', 'ca'], report);
  if (ca !== undefined && !ca.includes('-----BEGIN CERTIFICATE-----')) {
    report({
      path: ['tls', 'ca'],
      code: 'ca-invalid',
      message: `${arm.tls!.ca} is not a certificate in PEM form`,
      hints: ['it should begin with -----BEGIN CERTIFICATE-----'],
    });
  }
  checkFaults(arm, { transport, version, target }, report);
  checkResume(
    {
      dialect,
      transport,
      via: arm.via ?? 'wire',
      target,
      reconnect: arm.reconnect,
      verify: arm.verify,
    },
    (problem, follows) => context.report(draft, problem, follows),
  );
  checkLeave(
    {
      dialect,
      transport,
      via: arm.via ?? 'wire',
      version,
      leave: arm.leave,
      reader: arm.reader,
      isMock: target?.kind === 'mock',
      reconnects: arm.reconnect !== undefined && arm.reconnect.policy !== 'give_up',
    },
    (problem, follows) => context.report(draft, problem, follows),
  );
  checkDialect(dialect, { arm, transport, target, dialectOptions }, (problem, follows) =>
    context.report(draft, problem, follows),
  );
  const mock = mockOf(arm, draft, context);
  const session = sessionOf(arm, draft, context);
  if (!arm.load) {
    report({
      path: ['load'],
      code: 'missing-key',
      message: `"load" is missing${context.scenario.arms ? ` for arm ${draft.name}` : ''}`,
      hints: ['for example load: { kind: closed, sessions: 10, duration: 30s }'],
    });
  }
  const built = arm.load && buildLoad(arm.load, files, report);
  if (!built || !session || !target || model === undefined) return undefined;
  const { load, pauseMs } = built;
  const proxy = proxyOf(arm, transport, version, target, report);
  return {
    name: draft.name,
    cell: draft.cell,
    target,
    dialect: dialect.name,
    dialectOptions,
    transport,
    via: arm.via ?? 'wire',
    http: { version },
    tls: {
      rejectUnauthorized: arm.tls?.verify ?? true,
      ca,
      terminate: arm.tls?.terminate ?? false,
    },
    model,
    apiKey: arm.api_key === '' ? undefined : arm.api_key,
    headers: Object.fromEntries(
      Object.entries(arm.headers ?? {}).map(([name, value]) => [name, String(value)]),
    ),
    extraBody: arm.extra_body ?? {},
    instructions: arm.instructions,
    history: arm.history ?? 'keep',
    load,
    session:
      pauseMs === undefined
        ? session
        : { ...session, steps: [...session.steps, { kind: 'think', ms: pauseMs }] },
    network: buildNetwork(arm.network, report),
    faults: arm.faults ?? [],
    proxy,
    objectives: {
      ttftMs: arm.objectives?.ttft === undefined ? undefined : parseDuration(arm.objectives.ttft),
      e2eMs: arm.objectives?.e2e === undefined ? undefined : parseDuration(arm.objectives.e2e),
      maxGapMs:
        arm.objectives?.max_gap === undefined ? undefined : parseDuration(arm.objectives.max_gap),
      readingPaceMs: ms(arm.objectives?.reading_pace, defaults.readingPaceMs),
    },
    timeouts: {
      connectMs: ms(arm.timeouts?.connect, defaults.connectMs),
      idleMs: ms(arm.timeouts?.idle, defaults.idleMs),
      totalMs: ms(arm.timeouts?.total, defaults.totalMs),
    },
    leave: arm.leave && buildLeave(arm.leave),
    reader: arm.reader && buildReader(arm.reader),
    price: arm.price && buildPrice(arm.price),
    reconnect: arm.reconnect && buildReconnect(arm.reconnect),
    verify:
      arm.verify ??
      (arm.reconnect !== undefined && target.kind === 'mock' && dialect.supports.verify),
    mock,
  };
}

function proxyOf(
  arm: MergedArm,
  transport: TransportName,
  httpVersion: string,
  target: Target | undefined,
  report: (problem: Problem) => void,
): ProxyPlan | undefined {
  if (!arm.proxy) return undefined;
  if (httpVersion === '2' || (target?.kind === 'url' && target.baseUrl.startsWith('https:'))) {
    report({
      path: ['proxy'],
      code: 'proxy-mismatch',
      message: 'the proxy speaks plain HTTP/1.1 on both sides, and this arm needs TLS',
      hints: ['use an http target and http: 1.1, or put your own proxy in front and target that'],
    });
    return undefined;
  }
  if (!('real' in arm.proxy)) return { kind: 'simulated', settings: arm.proxy };
  const { real: _, ...settings } = arm.proxy;
  if (transport === 'websocket') {
    report({
      path: ['proxy'],
      code: 'proxy-mismatch',
      message: 'the generated configurations of installed proxies pass no WebSocket upgrades',
      hints: ['use transport: sse in this arm, or simulate the proxy: remove `real: true`'],
    });
    return undefined;
  }
  const missing = whyMissing(settings.kind);
  if (missing !== undefined) {
    report({ path: ['proxy', 'kind'], code: 'proxy-not-installed', message: missing });
    return undefined;
  }
  return { kind: 'real', settings };
}

function targetOf(
  text: string | undefined,
  report: (problem: Problem) => void,
): Target | undefined {
  if (text === undefined) {
    report({
      path: ['target'],
      code: 'missing-key',
      message: '"target" is missing',
      hints: [
        'target: mock for the bundled server, or a base URL such as http://127.0.0.1:8000/v1',
      ],
    });
    return undefined;
  }
  if (text === 'mock') return { kind: 'mock' };
  const hints = ['write mock, or a base URL such as https://api.openai.com/v1'];
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || !/^https?:$/.test(url.protocol)) {
    const socket = url && /^wss?:$/.test(url.protocol);
    report({
      path: ['target'],
      code: 'target-invalid',
      message: `target "${text}" is not an http or https URL`,
      hints: socket
        ? [`a websocket arm takes the http URL too: ${text.replace(/^ws/, 'http')}`]
        : hints,
    });
    return undefined;
  }
  if (url.username !== '' || url.password !== '') {
    report({
      path: ['target'],
      code: 'literal-secret',
      message: 'target holds a user name or password',
      hints: ['use api_key: ${…} or headers with a value from the environment'],
    });
    return undefined;
  }
  return { kind: 'url', baseUrl: text.replace(/\/+$/, '') };
}

/**
 * The arm's mock settings, complete where they differ from the scenario's: what is laid over those
 * must not lose members of nested objects.
 */
function mockOf(
  arm: MergedArm,
  draft: DraftArm,
  context: ArmContext,
): Readonly<Record<string, unknown>> {
  const settings = resolvedMock(arm.mock, context.files);
  try {
    resolveMockOptions(settings, {
      readText: (file) =>
        context.files.read(file, [], (problem) => {
          throw new Error(problem.message);
        })!,
      baseDirectory: context.files.resolve('.'),
    });
  } catch (error) {
    // Each option alone has been checked with the arm.
    if (!(error instanceof MockOptionError)) throw error;
    context.report(draft, {
      path: ['mock', error.key],
      code: error.code,
      message: error.message,
    });
  }
  return draft.setsMock ? settings : {};
}

/** With the path of a trace made absolute, because the mock runs elsewhere. */
export function resolvedMock(
  mock: MergedArm['mock'],
  files: ScenarioFiles,
): Record<string, unknown> {
  if (!mock) return {};
  return mock.trace === undefined ? { ...mock } : { ...mock, trace: files.resolve(mock.trace) };
}

function sessionOf(
  arm: MergedArm,
  draft: DraftArm,
  { scenario, texts, files, report }: ArmContext,
): SessionScript | undefined {
  const follows: Path[] = [['dialect'], ['prompts'], ['variables'], ['prompt']];
  const say = (problem: Problem): void => report(draft, problem, follows);
  const { prompt, max_tokens } = scenario;
  const dialect = dialectNamed(arm.dialect ?? defaultDialect);
  if (prompt === undefined && max_tokens !== undefined) {
    say({
      path: ['max_tokens'],
      at: 'key',
      code: 'no-prompt',
      message: 'max_tokens at the top level goes with prompt',
      hints: ['inside a session, write it in the step: ask: { prompt: …, max_tokens: … }'],
    });
  }
  if (prompt !== undefined && arm.session) {
    say({
      path: ['prompt'],
      at: 'key',
      code: 'two-sessions',
      message: 'prompt is short for a session of one `ask`; there is a session as well',
      hints: ['keep one of the two'],
    });
    return undefined;
  }
  if (prompt !== undefined) {
    const ask = { prompt, ...(max_tokens !== undefined && { max_tokens }) };
    // A mistake in the text stands at `prompt`, not at a step.
    const shift = (problem: Problem): void =>
      say(problem.path[2] === 'ask' ? { ...problem, path: ['prompt'] } : problem);
    return buildSession([{ ask }], texts, dialect, files, shift);
  }
  if (!arm.session) {
    say({
      path: ['session'],
      code: 'missing-key',
      message: `"session" is missing${scenario.arms ? ` for arm ${draft.name}` : ''}`,
      hints: ['say what a session does: session: [ { ask: "Tell me a story" } ], or prompt: "…"'],
    });
    return undefined;
  }
  return buildSession(arm.session, texts, dialect, files, say);
}
