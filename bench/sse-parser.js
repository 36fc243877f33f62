/**
 * What does parsing one server-sent event cost? Compared with eventsource-parser, in the same process.
 *
 * Both get the same bytes in the same chunks. eventsource-parser takes text, so it is fed through a
 * streaming TextDecoder, as each of its users must do. The rounds of the two alternate, so that a
 * busy machine slows both alike; the fastest round of each counts, and the ratio is what to quote.
 *
 * Run after `npm run build`: node bench/sse-parser.js
 */
import { createParser } from 'eventsource-parser';

import { SseParser } from '../dist/src/transport/sse-parser.js';

/** @typedef {{ name: string; chunks: Buffer[]; events: number }} Input */

const eventsPerRound = 20_000;
const rounds = 15;

const chatData = (/** @type {number} */ i, /** @type {string} */ word) =>
  `{"id":"chatcmpl-B9MHDbslfkBeAs8l4bebGdFOJ6PeG","object":"chat.completion.chunk","created":1741570283,"model":"gpt-4.1","system_fingerprint":"fp_b376dfbbd5","choices":[{"index":0,"delta":{"content":"${word}${i % 10}"},"finish_reason":null}]}`;

const chat = (/** @type {number} */ i) => `data: ${chatData(i, 'token')}\n\n`;

/**
 * @param {string} name
 * @param {(i: number) => string} block
 * @param {number} blocksPerChunk
 * @returns {Input}
 */
function input(name, block, blocksPerChunk) {
  const chunks = [];
  for (let i = 0; i < eventsPerRound; i += blocksPerChunk) {
    let text = '';
    for (let j = 0; j < blocksPerChunk; j += 1) text += block(i + j);
    chunks.push(Buffer.from(text));
  }
  return { name, chunks, events: eventsPerRound };
}

/**
 * The same bytes, cut every `size` bytes whatever is there.
 *
 * @param {string} name
 * @param {Input} source
 * @param {number} size
 * @returns {Input}
 */
function cut(name, source, size) {
  const whole = Buffer.concat(source.chunks);
  const chunks = [];
  for (let at = 0; at < whole.length; at += size) {
    // A copy each, as reads from a socket are.
    chunks.push(Buffer.from(whole.subarray(at, at + size)));
  }
  return { name, chunks, events: source.events };
}

const plain = input('one event per chunk', chat, 1);
const inputs = [
  plain,
  input('one event per chunk, with a stamp', (i) => `: sg ${i} 123456789012.5\n${chat(i)}`, 1),
  input('one named event per chunk', (i) => `event: response.output_text.delta\n${chat(i)}`, 1),
  input('20 events per chunk', chat, 20),
  input('one event per chunk, not ASCII', (i) => `data: ${chatData(i, 'größe…')}\n\n`, 1),
  input('one event per chunk, CR LF', (i) => chat(i).replaceAll('\n', '\r\n'), 1),
  cut('cut every 100 bytes', plain, 100),
];

let sink = 0;

/** @param {Input} input */
function runOurs({ chunks }) {
  let count = 0;
  const parser = new SseParser({
    onEvent: (/** @type {string} */ data) => {
      count += 1;
      sink += data.length;
    },
  });
  for (const chunk of chunks) parser.feed(chunk);
  parser.end();
  return count;
}

/** @param {Input} input */
function runTheirs({ chunks }) {
  let count = 0;
  const parser = createParser({
    onEvent: (event) => {
      count += 1;
      sink += event.data.length;
    },
  });
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  for (const chunk of chunks) parser.feed(decoder.decode(chunk, { stream: true }));
  return count;
}

/**
 * Nanoseconds per event of one round.
 *
 * @param {(input: Input) => number} run
 * @param {Input} what
 */
function time(run, what) {
  const start = process.hrtime.bigint();
  const count = run(what);
  const took = Number(process.hrtime.bigint() - start);
  if (count !== what.events) throw new Error(`${what.name}: ${count} of ${what.events} events`);
  return took / count;
}

const rows = inputs.map((what) => {
  let ours = Infinity;
  let theirs = Infinity;
  for (let round = 0; round < rounds; round += 1) {
    ours = Math.min(ours, time(runOurs, what));
    theirs = Math.min(theirs, time(runTheirs, what));
  }
  return { what: what.name, ours, theirs };
});

const line = (/** @type {string[]} */ ...[a = '', b = '', c = '', d = '']) =>
  `${a.padEnd(36)}${b.padStart(12)}${c.padStart(20)}${d.padStart(8)}\n`;
process.stdout.write(line('ns per event', 'sse-parser', 'eventsource-parser', 'ratio'));
for (const { what, ours, theirs } of rows) {
  process.stdout.write(
    line(what, ours.toFixed(0), theirs.toFixed(0), `${(theirs / ours).toFixed(1)}x`),
  );
}
if (sink === 0) throw new Error('nothing was parsed');
