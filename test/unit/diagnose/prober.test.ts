/** Probes that run beside each other: a search of the idle limit makes more than ten at once. */
import * as http from 'node:http';
import type { AddressInfo } from 'node:net';
import { setImmediate as turnOfLoop } from 'node:timers/promises';
import { expect, it, onTestFinished } from 'vitest';
import { Prober } from '../../../src/diagnose/plan/prober.ts';
import { plainProbe } from '../../../src/diagnose/plan/toggles.ts';
import { requestTemplate } from '../../../src/diagnose/request.ts';
import { RealScheduler } from '../../../src/timer/real-scheduler.ts';
import { until } from '../../helpers/until.ts';

const probes = 14;

/** A server that holds its answers back until `release`; and a prober of it. */
async function held(signal?: AbortSignal) {
  const waiting: http.ServerResponse[] = [];
  const server = http.createServer((_request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write('data: 1\n\n');
    waiting.push(response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const options = { url, signal };
  const time = new RealScheduler({ pollShare: 0 });
  const prober = new Prober(requestTemplate(options, '0.0.0'), options, 60_000, time);
  onTestFinished(() => {
    prober.close();
    server.closeAllConnections();
    server.close();
  });
  const made = Promise.all(
    Array.from({ length: probes }, (_, repeat) =>
      prober.run({ ...plainProbe('url', repeat), probe: 'silence' }, { maxMs: 60_000 }),
    ),
  );
  await until(() => waiting.length === probes, {
    what: 'all probes beside each other',
    seen: () => waiting.length,
  });
  return { made, release: () => waiting.forEach((response) => response.end()) };
}

it('many probes at once give users no warning of leaking listeners', async () => {
  const warnings: string[] = [];
  const heard = (warning: Error): void => void warnings.push(`${warning.name}: ${warning.message}`);
  process.on('warning', heard);
  onTestFinished(() => void process.off('warning', heard));
  const { made, release } = await held(new AbortController().signal);
  release();
  expect((await made).map(({ end }) => end)).toEqual(Array(probes).fill('complete'));
  // A warning is told in a later turn of the event loop.
  await turnOfLoop();
  expect(warnings).toEqual([]);
});

it('the one signal of the user ends all of them', async () => {
  const control = new AbortController();
  const { made } = await held(control.signal);
  control.abort();
  expect((await made).map(({ end }) => end)).toEqual(Array(probes).fill('aborted'));
});
