/**
 * The same plain HTTP load through autocannon and through streamgauge, in one run: request rate and
 * latency percentiles must agree, or one of the two measures something else.
 *
 * Both keep N connections busy with one request at a time each, against the mock in a process of its
 * own; the tools take turns.
 *
 *   node bench/http-differential.js [--connections 32] [--seconds 6] [--rounds 3] [--json]
 */
import { parseArgs } from 'node:util';
import autocannon from 'autocannon';
import { startMockProcess } from '../dist/mock-server/mock-process.js';
import { runScenario, summarize } from '../dist/src/index.js';

const { values: flags } = parseArgs({
  options: {
    connections: { type: 'string', default: '32' },
    seconds: { type: 'string', default: '6' },
    rounds: { type: 'string', default: '3' },
    ttft: { type: 'string', default: 'lognormal(25ms, 0.3)' },
    json: { type: 'boolean', default: false },
  },
});
const connections = Number(flags.connections);
const seconds = Number(flags.seconds);

const mock = await startMockProcess({ ttft: flags.ttft, itl: '0ms', tokens: 1, seed: '1' });

async function byAutocannon() {
  const result = await autocannon({
    url: `${mock.baseUrl}/chat/completions`,
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: 'Bearer x' },
    body: JSON.stringify({
      model: 'gpt-test',
      messages: [{ role: 'user', content: 'hello' }],
      stream: false,
    }),
    connections,
    duration: seconds,
  });
  return {
    tool: 'autocannon',
    rate: result.requests.total / result.duration,
    p50: result.latency.p50,
    p90: result.latency.p90,
    p99: result.latency.p99,
    errors: result.errors + result.non2xx,
  };
}

async function byStreamgauge() {
  const result = await runScenario({
    name: 'differential',
    target: mock.baseUrl,
    model: 'gpt-test',
    history: 'none',
    arms: { http: { dialect: 'openai-chat', transport: 'http' } },
    load: { kind: 'closed', sessions: connections, duration: `${seconds}s`, graceful_stop: '1s' },
    // One endless session per connection, as autocannon has it.
    session: [{ repeat: { times: 1_000_000, steps: [{ ask: { prompt: 'hello' } }] } }],
  });
  const [arm] = summarize(result).arms;
  const { e2e } = arm.metrics;
  return {
    tool: 'streamgauge',
    rate: arm.scalars.turn_rate,
    p50: e2e.p50,
    p90: e2e.p90,
    p99: e2e.p99,
    errors: arm.scalars.errors,
  };
}

const rows = [];
for (let round = 0; round < Number(flags.rounds); round++) {
  rows.push(await byAutocannon(), await byStreamgauge());
}
await mock.close();

const median = (numbers) => [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)];
const of = (tool, key) => median(rows.filter((row) => row.tool === tool).map((row) => row[key]));
const keys = ['rate', 'p50', 'p90', 'p99'];
const summary = {
  autocannon: Object.fromEntries(keys.map((key) => [key, of('autocannon', key)])),
  streamgauge: Object.fromEntries(keys.map((key) => [key, of('streamgauge', key)])),
};
summary.ratio = Object.fromEntries(
  keys.map((key) => [key, summary.streamgauge[key] / summary.autocannon[key]]),
);
if (flags.json) console.log(JSON.stringify(summary, null, 2));
else {
  console.log(`${connections} connections, median of ${flags.rounds} rounds of ${seconds} s each`);
  console.table(summary);
}
