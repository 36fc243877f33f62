/**
 * What the relay costs without faults, compared with a bare relay of two sockets piped into each other; and
 * with a disconnect that reads every event and never comes, which has no promise to keep.
 *
 * Throughput: one connection, as fast as it goes. Latency: round trips of 230 bytes (a token's event), a
 * connection each, one at a time; what a relay adds is its round trip less the direct one. Each relay
 * and the echo server run in separate processes; they take turns, so that a change of the machine's
 * speed hits all. Floor: the bare relay. Target: at most 1.3 times its cost in both.
 *
 *   node bench/relay.js [--megabytes 400] [--trips 4000] [--rounds 5] [--json]
 */
import { fork } from 'node:child_process';
import * as net from 'node:net';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const { values: flags } = parseArgs({
  options: {
    megabytes: { type: 'string', default: '400' },
    trips: { type: 'string', default: '4000' },
    rounds: { type: 'string', default: '5' },
    json: { type: 'boolean', default: false },
    role: { type: 'string' },
    target: { type: 'string' },
  },
});
const bytesToSend = Number(flags.megabytes) * 1e6;
const trips = Number(flags.trips);
const rounds = Number(flags.rounds);
const eventBytes = 230;

// ── the processes ───────────────────────────────────────────────────────────────────────────────

/** A chunk of HTTP/1.1 with an event of Chat Completions in it, of the size of the others. */
function chunkedEvent() {
  const data = {
    object: 'chat.completion.chunk',
    choices: [{ delta: { content: '' }, finish_reason: null }],
  };
  const withText = (/** @type {string} */ text) => {
    data.choices[0].delta.content = text;
    return `data: ${JSON.stringify(data)}\n\n`;
  };
  const event = withText('t'.repeat(eventBytes - 6 - withText('').length));
  return `${event.length.toString(16)}\r\n${event}\r\n`;
}

/** First byte 1: sends what is asked for and ends. A request: a stream of events as long. Otherwise an echo. */
function startTarget() {
  const plain = Buffer.alloc(65_536, 'x');
  const event = chunkedEvent();
  const events = Buffer.from(event.repeat(Math.floor(65_536 / event.length)));
  const head =
    'HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n';
  return net.createServer({ noDelay: true }, (socket) => {
    socket.on('error', () => {});
    socket.once('data', (first) => {
      const asked = /bytes=(\d+)/.exec(first.toString('latin1'))?.[1];
      if (first[0] !== 1 && asked === undefined) {
        socket.write(first);
        socket.pipe(socket);
        return;
      }
      const block = asked === undefined ? plain : events;
      if (asked !== undefined) socket.write(head);
      let left = asked === undefined ? first.readDoubleBE(1) : Number(asked);
      const pump = () => {
        while (left > 0) {
          left -= block.length;
          if (!socket.write(block)) {
            socket.once('drain', pump);
            return;
          }
        }
        socket.end();
      };
      pump();
    });
  });
}

function startBare(target) {
  return net.createServer({ allowHalfOpen: true, noDelay: true }, (client) => {
    const upstream = net.connect({
      host: '127.0.0.1',
      port: target,
      allowHalfOpen: true,
      noDelay: true,
    });
    client.on('error', () => upstream.destroy());
    upstream.on('error', () => client.destroy());
    client.pipe(upstream);
    upstream.pipe(client);
  });
}

async function portOf(server) {
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server.address().port;
}

async function serve(role, target) {
  if (role === 'target') return portOf(startTarget());
  if (role === 'bare') return portOf(startBare(target));
  const { startRelay } = await import('../dist/src/fault/relay/relay.js');
  const { makeFaults, parseFaults } = await import('../dist/src/fault/registry.js');
  const reading = [{ disconnect: { how: 'rst', before: { event: 'none' } } }];
  const relay = await startRelay({
    target: { host: '127.0.0.1', port: target },
    faults:
      role === 'reading'
        ? makeFaults(parseFaults(reading), { readText: () => '', baseDirectory: '/' })
        : [],
    seed: 'bench',
  });
  return relay.port;
}

const children = [];

function start(role, target) {
  const child = fork(fileURLToPath(import.meta.url), ['--role', role, '--target', String(target)], {
    execArgv: [],
  });
  children.push(child);
  return new Promise((resolve) => child.once('message', resolve));
}

// ── what is measured ────────────────────────────────────────────────────────────────────────────

/** MB/s of one connection that sends as fast as it can: bytes, or a stream of events over HTTP. */
function throughput(port, { events = false } = {}) {
  return new Promise((resolve, reject) => {
    const socket = net.connect({ host: '127.0.0.1', port, noDelay: true });
    let ask = Buffer.alloc(9);
    ask[0] = 1;
    ask.writeDoubleBE(bytesToSend, 1);
    if (events) {
      ask = Buffer.from(`GET /?bytes=${bytesToSend / 8} HTTP/1.1\r\nhost: bench\r\n\r\n`);
    }
    let received = 0;
    const started = performance.now();
    socket.write(ask);
    socket.on('data', (bytes) => (received += bytes.length));
    socket.on('end', () => resolve(received / 1e3 / (performance.now() - started)));
    socket.on('error', reject);
  });
}

/** Median round trip in µs. */
function roundTrip(port) {
  return new Promise((resolve, reject) => {
    const socket = net.connect({ host: '127.0.0.1', port, noDelay: true });
    const event = Buffer.alloc(eventBytes, 'y');
    const times = [];
    let started = performance.now();
    let got = 0;
    socket.write(event);
    socket.on('data', (bytes) => {
      got += bytes.length;
      if (got < eventBytes) return;
      got = 0;
      const now = performance.now();
      times.push(now - started);
      if (times.length === trips) {
        socket.destroy();
        resolve(median(times) * 1000);
        return;
      }
      started = now;
      socket.write(event);
    });
    socket.on('error', reject);
  });
}

function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)];
}

if (flags.role) {
  process.send(await serve(flags.role, Number(flags.target)));
  process.once('disconnect', () => process.exit(0));
} else {
  const target = await start('target', 0);
  const ports = {
    direct: target,
    bare: await start('bare', target),
    relay: await start('relay', target),
    reading: await start('reading', target),
  };
  const seen = Object.fromEntries(
    Object.keys(ports).map((name) => [name, { mbps: [], trip: [], events: [] }]),
  );
  for (let round = -1; round < rounds; round++) {
    for (const [name, port] of Object.entries(ports)) {
      const mbps = await throughput(port);
      const trip = await roundTrip(port);
      const events = await throughput(port, { events: true });
      // The first round warms up.
      if (round < 0) continue;
      seen[name].mbps.push(mbps);
      seen[name].trip.push(trip);
      seen[name].events.push((events * 1e6) / eventBytes);
    }
  }
  for (const child of children) child.disconnect();
  const rows = Object.entries(seen).map(([name, { mbps, trip, events }]) => ({
    name,
    eventsPerSecond: median(events),
    megabytesPerSecond: median(mbps),
    roundTripUs: median(trip),
  }));
  const [direct, bare, relay, reading] = rows;
  const added = (row) => row.roundTripUs - direct.roundTripUs;
  const ratios = {
    throughput: bare.megabytesPerSecond / relay.megabytesPerSecond,
    addedLatency: added(relay) / added(bare),
  };
  // Compared with the same relay that does not read them.
  const usPerEvent = 1e6 / reading.eventsPerSecond - 1e6 / relay.eventsPerSecond;
  if (flags.json) {
    process.stdout.write(`${JSON.stringify({ rows, ratios, usPerEvent })}\n`);
  } else {
    for (const row of rows) {
      process.stdout.write(
        `${row.name.padEnd(8)}${row.megabytesPerSecond.toFixed(0).padStart(7)} MB/s ` +
          `${row.roundTripUs.toFixed(1).padStart(8)} µs round trip, ${added(row).toFixed(1)} µs added, ` +
          `${(row.eventsPerSecond / 1000).toFixed(0)}k events/s\n`,
      );
    }
    process.stdout.write(
      `relay / bare: ${ratios.throughput.toFixed(2)}× the time per byte, ` +
        `${ratios.addedLatency.toFixed(2)}× the added latency (target ≤ 1.3)\n` +
        `reading every event: ${usPerEvent.toFixed(2)} µs more for each of ${eventBytes} bytes\n`,
    );
  }
}
