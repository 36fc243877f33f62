/**
 * What the client costs per streamed event, compared with a bare-socket reader that only counts events.
 *
 * 1,000 streams at 50 events/s of about 230 bytes come from a separate writer process; each reader
 * runs alone in a separate process, and its CPU time (user + system) over the measured seconds is
 * divided by the events it saw. Readers take turns, so that a change of the machine's speed hits all.
 *
 *   node bench/client-cost.js [--streams 1000] [--rate 50] [--seconds 6] [--rounds 3] [--json]
 */
import { fork } from 'node:child_process';
import { createHash } from 'node:crypto';
import * as net from 'node:net';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const { values: flags } = parseArgs({
  options: {
    streams: { type: 'string', default: '1000' },
    rate: { type: 'string', default: '50' },
    seconds: { type: 'string', default: '6' },
    rounds: { type: 'string', default: '3' },
    json: { type: 'boolean', default: false },
    role: { type: 'string' },
    port: { type: 'string' },
  },
});
const streams = Number(flags.streams);
const rate = Number(flags.rate);
const seconds = Number(flags.seconds);

const delta = JSON.stringify({
  id: 'chatcmpl-AbCdEfGhIjKlMnOpQrStUvWx',
  object: 'chat.completion.chunk',
  created: 1780000000,
  model: 'gpt-5.4-mini',
  choices: [{ index: 0, delta: { content: ' token' }, logprobs: null, finish_reason: null }],
  obfuscation: 'aB3dE5fG7',
});
const responsesDelta = JSON.stringify({
  type: 'response.output_text.delta',
  sequence_number: 1000,
  item_id: 'msg_0123456789abcdef0123456789abcdef01234567',
  output_index: 0,
  content_index: 0,
  delta: ' token',
  logprobs: [],
  obfuscation: 'aB3dE5fG7',
});

// ── the writer ──────────────────────────────────────────────────────────────────────────────────

function frameOf(text) {
  const payload = Buffer.from(text);
  const head =
    payload.length < 126
      ? Buffer.from([0x81, payload.length])
      : Buffer.from([0x81, 126, payload.length >> 8, payload.length & 255]);
  return Buffer.concat([head, payload]);
}

function runWriter() {
  const event = `data: ${delta}\n\n`;
  const sse = Buffer.from(`${event.length.toString(16)}\r\n${event}\r\n`);
  const ws = frameOf(responsesDelta);
  // Streams are spread over the period, as independent ones are.
  const slots = Array.from({ length: Math.max(1, Math.round(1000 / rate)) }, () => []);
  let next = 0;
  const server = net.createServer({ noDelay: true }, (socket) => {
    socket.on('error', () => {});
    socket.once('data', (bytes) => {
      const head = bytes.toString('latin1');
      const key = /sec-websocket-key: (\S+)/i.exec(head)?.[1];
      if (key) {
        const accept = createHash('sha1')
          .update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`)
          .digest('base64');
        socket.write(
          `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
        );
      } else {
        socket.write(
          'HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n',
        );
      }
      const slot = slots[next++ % slots.length];
      const entry = { socket, bytes: key ? ws : sse };
      slot.push(entry);
      socket.on('close', () => slot.splice(slot.indexOf(entry), 1));
    });
  });
  let slot = 0;
  setInterval(() => {
    // Timers drift; what was missed is caught up, so that the mean rate holds.
    const due = Math.floor(performance.now());
    for (; slot < due; slot++) {
      for (const { socket, bytes } of slots[slot % slots.length]) socket.write(bytes);
    }
  }, 1);
  slot = Math.floor(performance.now());
  server.listen(0, '127.0.0.1', 4096, () => process.send(server.address().port));
}

// ── the readers ─────────────────────────────────────────────────────────────────────────────────

/** Counts events on bare sockets: SSE by blank lines, WebSocket by frame headers. */
function bareReader(port, isWebSocket) {
  let events = 0;
  for (let i = 0; i < streams; i++) {
    const socket = net.connect({ host: '127.0.0.1', port, noDelay: true });
    socket.write(
      isWebSocket
        ? 'GET /v1/responses HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n'
        : 'POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}',
    );
    let head = true;
    socket.on('data', (bytes) => {
      let at = 0;
      if (head) {
        head = false;
        at = bytes.indexOf('\r\n\r\n') + 4;
      }
      if (isWebSocket) {
        while (at + 4 <= bytes.length) {
          at += 4 + ((bytes[at + 2] << 8) | bytes[at + 3]);
          events++;
        }
      } else {
        for (at = bytes.indexOf('\n\n', at); at >= 0; at = bytes.indexOf('\n\n', at + 2)) events++;
      }
    });
  }
  return () => events;
}

/** The product itself: the engine's arm run, with everything it records. */
async function ourReader(port, isWebSocket, via) {
  const { ArmRun } = await import('../dist/src/engine/arm-run.js');
  const { makePacer } = await import('../dist/src/load/registry.js');
  const { dialectNamed } = await import('../dist/src/dialect/registry.js');
  const { RealScheduler } = await import('../dist/src/timer/real-scheduler.js');
  const { openChannel } = await import('../dist/src/transport/registry.js');
  const time = new RealScheduler({ pollShare: 0 });
  /** @type {import('../src/scenario/plan.ts').ArmPlan} */
  const arm = {
    name: 'one',
    target: { kind: 'url', baseUrl: `http://127.0.0.1:${port}/v1` },
    dialect: isWebSocket ? 'openai-responses' : 'openai-chat',
    transport: isWebSocket ? 'websocket' : 'sse',
    via,
    http: { version: '1.1' },
    tls: { rejectUnauthorized: true, ca: undefined },
    model: 'any',
    apiKey: undefined,
    headers: {},
    extraBody: {},
    dialectOptions: isWebSocket ? { background: false } : {},
    instructions: undefined,
    history: 'keep',
    load: {
      shape: { kind: 'closed', sessions: streams },
      durationMs: 3_600_000,
      warmupMs: 0,
      cooldownMs: 0,
      gracefulStopMs: 0,
      maxConcurrency: undefined,
      maxWaiting: undefined,
    },
    session: {
      steps: [
        { kind: 'ask', prompt: 'hello', maxTokens: undefined, tools: [], toolChoice: undefined },
      ],
      prompts: [],
      promptOrder: 'sequential',
      variables: {},
    },
    network: undefined,
    faults: [],
    proxy: undefined,
    objectives: { ttftMs: undefined, e2eMs: undefined, maxGapMs: undefined, readingPaceMs: 100 },
    timeouts: { connectMs: 20_000, idleMs: 60_000, totalMs: 3_600_000 },
    mock: {},
  };
  const dialect = dialectNamed(arm.dialect);
  const run = new ArmRun({
    arm,
    pacer: makePacer(arm.load.shape, { durationMs: arm.load.durationMs, seed: '1' }),
    shared: {
      arm,
      dialect,
      sdk: via === 'sdk' ? await dialect.supports.sdk() : undefined,
      endpoint: {
        baseUrl: new URL(`http://127.0.0.1:${port}/v1`),
        headers: {},
        tls: { rejectUnauthorized: true },
        httpVersion: '1.1',
        timeouts: { connectMs: 20_000 },
        groundTruth: false,
      },
      seed: '1',
      streamPrefix: 'bench/0',
      audioFiles: new Map(),
      time,
      openChannel,
      limits: { readingPaceMs: 100, maxArrivals: 4096 },
    },
    clock: { wall: () => Date.now() },
    pacing: time,
    control: { state: 'running', onChange: () => () => {} },
    onSnapshot: () => {},
    onStream: undefined,
  });
  void run.run();
  return () => run.eventsSoFar;
}

async function runReader(role) {
  const port = Number(flags.port);
  const isWebSocket = role.includes('websocket');
  const count = role.startsWith('bare')
    ? bareReader(port, isWebSocket)
    : await ourReader(port, isWebSocket, role.startsWith('sdk') ? 'sdk' : 'wire');
  await new Promise((done) => setTimeout(done, 3000));
  const from = count();
  const cpu = process.cpuUsage();
  const started = performance.now();
  await new Promise((done) => setTimeout(done, seconds * 1000));
  const used = process.cpuUsage(cpu);
  const events = count() - from;
  const elapsed = (performance.now() - started) / 1000;
  process.send({
    events,
    eventsPerSecond: events / elapsed,
    microsPerEvent: (used.user + used.system) / events,
    cpuShare: (used.user + used.system) / 1e6 / elapsed,
    rssMb: process.memoryUsage.rss() / 1e6,
  });
  setTimeout(() => process.exit(0), 50);
}

// ── the comparison ──────────────────────────────────────────────────────────────────────────────

const thisFile = fileURLToPath(import.meta.url);

function child(role, port) {
  const args = [
    '--role',
    role,
    '--streams',
    flags.streams,
    '--rate',
    flags.rate,
    '--seconds',
    flags.seconds,
  ];
  if (port) args.push('--port', String(port));
  const forked = fork(thisFile, args, {
    execArgv: process.env.PROFILE ? ['--cpu-prof', '--cpu-prof-dir', process.env.PROFILE] : [],
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  return {
    forked,
    message: new Promise((resolve, reject) => {
      forked.once('message', resolve);
      forked.once('exit', (code) => reject(new Error(`${role} ended with ${code}`)));
    }),
  };
}

function median(numbers) {
  const sorted = [...numbers].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)];
}

async function compare() {
  const writer = child('writer');
  const port = await writer.message;
  const roles = ['bare-sse', 'ours-sse', 'bare-websocket', 'ours-websocket'];
  const seen = new Map(roles.map((role) => [role, []]));
  for (let round = 0; round < Number(flags.rounds); round++) {
    for (const role of roles) seen.get(role).push(await child(role, port).message);
  }
  writer.forked.kill();
  const cost = (role) => median(seen.get(role).map((one) => one.microsPerEvent));
  const rows = roles.map((role) => ({
    role,
    microsPerEvent: cost(role),
    eventsPerSecond: median(seen.get(role).map((one) => one.eventsPerSecond)),
    cpuShare: median(seen.get(role).map((one) => one.cpuShare)),
    rssMb: median(seen.get(role).map((one) => one.rssMb)),
    ratio: cost(role) / cost(`bare-${role.split('-')[1]}`),
  }));
  if (flags.json) {
    console.log(JSON.stringify(rows, null, 2));
    return;
  }
  console.log(
    `${streams} streams at ${rate} events/s, median of ${flags.rounds} rounds of ${seconds} s`,
  );
  console.table(
    Object.fromEntries(
      rows.map((row) => [
        row.role,
        {
          'µs/event': row.microsPerEvent.toFixed(2),
          'events/s': Math.round(row.eventsPerSecond),
          'of a core': `${(row.cpuShare * 100).toFixed(0)} %`,
          'RSS MB': row.rssMb.toFixed(0),
          '× bare': row.ratio.toFixed(2),
        },
      ]),
    ),
  );
}

// A measurement that is killed takes its processes with it.
if (flags.role) process.once('disconnect', () => process.exit(0));
if (flags.role === 'writer') runWriter();
else if (flags.role) await runReader(flags.role);
else await compare();
