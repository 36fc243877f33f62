// @ts-check
/**
 * One client that leaves one stream, through one proxy, and what the server then says of it. Takes the
 * product's parts from its caller, so that the test can run it on the sources and the script on dist/.
 *
 * @typedef {import('../../src/scenario/plan.ts').LeavePlan} LeavePlan
 * @typedef {import('../../src/scenario/plan.ts').ArmPlan} ArmPlan
 *
 * @typedef {object} Parts
 * @property {typeof import('../../src/session/session.ts').Session} Session
 * @property {typeof import('../../src/dialect/registry.ts').dialectNamed} dialectNamed
 * @property {typeof import('../../src/timer/real-scheduler.ts').RealScheduler} RealScheduler
 * @property {typeof import('../../src/transport/registry.ts').openChannel} openChannel
 * @property {typeof import('../../src/transport/leaving.ts').ParkedConnections} ParkedConnections
 *
 * @typedef {object} LeaveMeasured
 * @property {number} had - tokens that the client had when it left
 * @property {number} produced - tokens that the server had produced when it stopped
 * @property {number} wasted
 * @property {number} latencyMs - client left → server stopped
 * @property {string} end - how the stream ended for the server
 */

/** 400 tokens, one each 20 ms, about 230 bytes an event. */
export const stream = { ttft: '100ms', itl: '20ms', tokens: 400, token_bytes: '5B' };

/**
 * @param {number} value
 * @returns {{ kind: 'constant', value: number }}
 */
const constant = (value) => ({ kind: 'constant', value });

/** The moments of the table. @type {Readonly<Record<string, Pick<LeavePlan, 'moment' | 'before'>>>} */
export const moments = {
  'before headers': { moment: { kind: 'time', ms: constant(20) }, before: 'headers' },
  'before the first token': { moment: { kind: 'begun' }, before: 'first_token' },
  'in mid-stream': { moment: { kind: 'tokens', count: constant(50) }, before: undefined },
  'after the last token': { moment: { kind: 'last_token' }, before: undefined },
};

/**
 * @param {Parts} parts
 * @param {{ baseUrl: string, stops: () => Promise<readonly import('../../mock-server/index.ts').StreamStop[]> }} mock
 * @param {{ name: string, port: number | undefined, how: LeavePlan['how'], moment: Pick<LeavePlan, 'moment' | 'before'>, http?: '1.1' | '2' }} options - `port` of the proxy; undefined: straight
 * @returns {Promise<LeaveMeasured>}
 */
export async function leaveOnce(parts, mock, { name, port, how, moment }) {
  const parked = new parts.ParkedConnections();
  const arm = armOf({
    how,
    code: 1000,
    share: 1,
    resumes: false,
    probeSlots: undefined,
    ...moment,
  });
  /** @type {import('../../src/session/turn-record.ts').TurnRecord | undefined} */
  let turn;
  const nothing = () => {};
  const time = new parts.RealScheduler({ pollShare: 0 });
  const session = new parts.Session(
    {
      arm,
      dialect: parts.dialectNamed(arm.dialect),
      endpoint: {
        baseUrl: new URL(mock.baseUrl),
        ...(port === undefined ? {} : { connectTo: { host: '127.0.0.1', port, handshakeMs: 0 } }),
        headers: {},
        tls: { rejectUnauthorized: true },
        httpVersion: '1.1',
        timeouts: { connectMs: 5000 },
        groundTruth: true,
      },
      seed: 'table',
      streamPrefix: name,
      audioFiles: new Map(),
      time,
      openChannel: parts.openChannel,
      limits: { readingPaceMs: 150, maxArrivals: 10 },
      parked,
    },
    {
      onGap: nothing,
      onInstrumentError: nothing,
      onEvent: nothing,
      onFirstToken: nothing,
      onConnected: nothing,
      onTurnStarted: nothing,
      onToolResultSkipped: nothing,
      onTurnEnded: (record) => (turn = record),
    },
    0,
    time.now(),
  );
  await session.run();
  const left = turn?.left;
  if (!turn || !left) throw new Error(`${name}: no client left: ${turn?.outcome} ${turn?.detail}`);
  const { streamId } = turn;
  for (let waited = 0; waited < 20_000; waited += 50) {
    const stop = (await mock.stops()).find((one) => one.streamId === streamId);
    // A request that a proxy never passed on is not a stream; give it a moment to come.
    if (!stop && waited > 3000) break;
    if (stop && stop.stoppedNs !== null) {
      parked.closeAll();
      return {
        had: left.tokenEvents,
        produced: stop.tokensProduced,
        wasted: Math.max(0, stop.tokensProduced - left.tokenEvents),
        latencyMs: Math.max(0, stop.stoppedNs - left.at) / 1e6,
        end: stop.end ?? '',
      };
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  parked.closeAll();
  return { had: left.tokenEvents, produced: 0, wasted: 0, latencyMs: 0, end: 'never asked' };
}

/**
 * @param {LeavePlan} leave
 * @returns {ArmPlan}
 */
function armOf(leave) {
  return {
    name: 'table',
    cell: undefined,
    target: { kind: 'mock' },
    dialect: 'openai-chat',
    transport: 'sse',
    via: 'wire',
    http: { version: '1.1' },
    tls: { rejectUnauthorized: true, ca: undefined, terminate: false },
    model: 'mock-model',
    apiKey: undefined,
    headers: {},
    extraBody: {},
    dialectOptions: {},
    instructions: undefined,
    history: 'keep',
    load: {
      shape: { kind: 'closed', sessions: 1 },
      durationMs: 1000,
      warmupMs: 0,
      cooldownMs: 0,
      gracefulStopMs: 1000,
      maxConcurrency: undefined,
      maxWaiting: undefined,
    },
    session: {
      steps: [
        { kind: 'ask', prompt: 'Hi', maxTokens: undefined, tools: [], toolChoice: undefined },
      ],
      prompts: [],
      promptOrder: 'sequential',
      variables: {},
    },
    network: undefined,
    faults: [],
    proxy: undefined,
    objectives: {
      ttftMs: undefined,
      e2eMs: undefined,
      maxGapMs: undefined,
      readingPaceMs: 150,
    },
    timeouts: { connectMs: 5000, idleMs: 60_000, totalMs: 60_000 },
    leave,
    reader: undefined,
    price: undefined,
    reconnect: undefined,
    verify: false,
    mock: {},
  };
}
