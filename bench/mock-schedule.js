/**
 * Whether the mock server holds its schedule, and what an event costs it.
 *
 * The mock runs in a separate process and streams chat chunks at a fixed total rate to a reader
 * that only counts bytes, in another. It reports its own lateness (actual − due) from /stats; its
 * CPU time over the measured seconds is divided by the events sent. For comparison, a bare-socket writer
 * sends blocks of the same size at the same rate from one 1 ms timer: the floor.
 *
 *   node bench/mock-schedule.js [--streams 200] [--rate 50] [--seconds 6] [--json]
 *
 * 200 streams at 50 tokens/s are 10,000 tokens/s; the mock's promise is p99 ≤ 2 ms there.
 * `--streams 1000` is the load at which its cost is compared: at most twice the floor.
 */
import { fork } from 'node:child_process';
import * as net from 'node:net';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { startMockProcess } from '../dist/mock-server/mock-process.js';

const { values: flags } = parseArgs({
  options: {
    streams: { type: 'string', default: '200' },
    rate: { type: 'string', default: '50' },
    seconds: { type: 'string', default: '6' },
    json: { type: 'boolean', default: false },
    role: { type: 'string' },
  },
});
const streams = Number(flags.streams);
const rate = Number(flags.rate);
const seconds = Number(flags.seconds);
const warmupSeconds = 2;
const gapMs = 1000 / rate;
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** What one chunk looks like; the bare writer sends as many bytes. */
const block = `data: ${JSON.stringify({
  id: 'chatcmpl-0123456789abcdef0123456789abcdef',
  object: 'chat.completion.chunk',
  created: 1780000000,
  model: 'm',
  service_tier: 'default',
  system_fingerprint: 'fp_mock',
  choices: [{ index: 0, delta: { content: ' toke' }, logprobs: null, finish_reason: null }],
  obfuscation: 'aB3dE5fG7h0',
})}\n\n`;
const chunk = `${block.length.toString(16)}\r\n${block}\r\n`;

// ── roles of the child processes ────────────────────────────────────────────────────────────────

function bareWriter() {
  let written = 0;
  const sockets = [];
  const started = performance.now();
  const server = net.createServer({ noDelay: true }, (socket) => {
    socket.on('error', () => socket.destroy());
    socket.resume();
    sockets.push({ socket, next: performance.now() + Math.random() * gapMs });
  });
  setInterval(() => {
    const now = performance.now();
    for (const one of sockets) {
      while (one.next <= now) {
        one.socket.write(chunk, 'latin1');
        written += 1;
        one.next += gapMs;
      }
    }
  }, 1);
  process.on('message', () => {
    const { user, system } = process.cpuUsage();
    process.send({ written, cpuMs: (user + system) / 1000, atMs: performance.now() - started });
  });
  server.listen(0, '127.0.0.1', () => process.send({ port: server.address().port }));
}

/** Opens the streams, spread over one second, and throws away what comes. */
function reader() {
  const open = async (port) => {
    const body = JSON.stringify({
      model: 'm',
      stream: true,
      messages: [{ role: 'user', content: 'x' }],
    });
    for (let i = 0; i < streams; i++) {
      const socket = net.connect(port, '127.0.0.1', () =>
        socket.write(
          `POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\nx-streamgauge-stream: ${i}\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
        ),
      );
      socket.on('error', () => {});
      socket.on('data', () => {});
      if (i % Math.ceil(streams / 100) === 0) await sleep(10);
    }
    process.send('open');
  };
  process.on('message', ({ port }) => void open(port));
}

// ── the measurement ─────────────────────────────────────────────────────────────────────────────

const thisFile = fileURLToPath(import.meta.url);

function child(role) {
  const forked = fork(thisFile, [...process.argv.slice(2), '--role', role], { execArgv: [] });
  const ask = (message) =>
    new Promise((resolve) => {
      forked.once('message', resolve);
      forked.send(message);
    });
  return {
    ask,
    first: () => new Promise((resolve) => forked.once('message', resolve)),
    forked,
  };
}

async function measure(port, sample) {
  const read = child('reader');
  await read.ask({ port });
  await sleep(warmupSeconds * 1000);
  const before = await sample();
  await sleep(seconds * 1000);
  const after = await sample();
  read.forked.kill();
  const events = after.events - before.events;
  return {
    eventsPerSecond: (events / (after.atMs - before.atMs)) * 1000,
    microsecondsPerEvent: ((after.cpuMs - before.cpuMs) * 1000) / events,
    cpuShare: (after.cpuMs - before.cpuMs) / (after.atMs - before.atMs),
  };
}

async function measureMock() {
  const mock = await startMockProcess({
    profile: 'instant',
    ttft: `uniform(0ms, ${gapMs}ms)`,
    itl: `${gapMs}ms`,
    tokens: Math.ceil(rate * (seconds + warmupSeconds + 2)),
    token_bytes: '5B',
    slots: streams,
  });
  const result = await measure(mock.port, async () => {
    const stats = await mock.stats();
    const { cpuUserMs, cpuSystemMs } = stats.process;
    return { events: stats.eventsSent, cpuMs: cpuUserMs + cpuSystemMs, atMs: stats.uptimeMs };
  });
  const { scheduler } = await mock.stats();
  await mock.close();
  return { ...result, latenessMs: scheduler.recent };
}

async function measureBare() {
  const writer = child('bare');
  const { port } = await writer.first();
  const result = await measure(port, async () => {
    const { written, cpuMs, atMs } = await writer.ask('sample');
    return { events: written, cpuMs, atMs };
  });
  writer.forked.kill();
  return result;
}

async function main() {
  // The floor before and after, so that a change of the machine's speed shows.
  const before = await measureBare();
  const mock = await measureMock();
  const after = await measureBare();
  const bare = before.microsecondsPerEvent > after.microsecondsPerEvent ? after : before;
  const spread = Math.abs(before.microsecondsPerEvent - after.microsecondsPerEvent);
  const ratio = mock.microsecondsPerEvent / bare.microsecondsPerEvent;
  if (flags.json) {
    console.log(JSON.stringify({ streams, rate, seconds, bare, mock, ratio, spread }));
    return;
  }
  const line = (name, one) =>
    console.log(
      `${name.padEnd(12)} ${Math.round(one.eventsPerSecond)} events/s  ` +
        `${one.microsecondsPerEvent.toFixed(1)} µs CPU/event  ${(one.cpuShare * 100).toFixed(0)}% of a core`,
    );
  line('bare writer', bare);
  line('mock', mock);
  const { p50, p99, max } = mock.latenessMs;
  console.log(
    `mock lateness p50 ${p50} ms  p99 ${p99} ms  max ${max} ms (last seconds, as /stats says it)`,
  );
  console.log(
    `mock / bare: ${ratio.toFixed(2)} (the two runs of the bare writer differ by ${spread.toFixed(1)} µs)`,
  );
}

// A measurement that is killed takes its processes with it.
if (flags.role) process.once('disconnect', () => process.exit(0));
if (flags.role === 'bare') bareWriter();
else if (flags.role === 'reader') reader();
else await main();
