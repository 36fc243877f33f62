/** Landmarks from the mock's events to gates and files, by the command as a user runs it. */
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { parseStreamRecords } from '../../src/result/streams.ts';
import type { Result } from '../../src/result/schema.ts';

/** A turn that calls a tool, then one that answers: with sources, or spoken. */
const scenario = `name: landmarks
target: mock
arms:
  chat: { dialect: openai-chat }
  responses: { dialect: openai-responses }
  socket: { dialect: openai-responses, transport: websocket }
  realtime: { dialect: openai-realtime }
  voice: { dialect: openai-realtime, modality: audio }
load: { kind: closed, sessions: 2, iterations: 4, duration: 60s }
session:
  - ask: { prompt: Plan a week, tools: [search], tool_choice: required }
  - tool_result: { output: '{"found": 3}', tool_choice: none }
mock: { ttft: 30ms, itl: 2ms, tokens: 20, tool_call_tokens: 10, sources: 2 }
gates:
  - arguments_complete.p95 < 20s
  - responses.first_source.p50 vs chat <= +100000%
`;

interface Ended {
  code: number | null;
  out: string;
  folder: string;
}

function run(text: string): Promise<Ended> {
  const folder = mkdtempSync(join(tmpdir(), 'landmarks-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  writeFileSync(join(folder, 'scenario.yaml'), text);
  const child = spawn(
    process.execPath,
    [
      'bin/streamgauge.js',
      'run',
      join(folder, 'scenario.yaml'),
      '--out',
      folder,
      '--records',
      '--format',
      'csv,html',
    ],
    { env: { ...process.env, NO_COLOR: '1' } },
  );
  let out = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (part: Buffer) => (out += part.toString()));
  }
  return new Promise((resolve) => child.once('close', (code) => resolve({ code, out, folder })));
}

describe('landmarks of the mock', () => {
  it('are measured, gated and written', { timeout: 120_000 }, async () => {
    const { code, out, folder } = await run(scenario);
    expect(out).toContain('Landmarks: turns that reached them');
    const result = JSON.parse(readFileSync(join(folder, 'result.json'), 'utf8')) as Result;
    const reached = Object.fromEntries(
      result.arms.map(({ name, landmarks, trials }) => [
        name,
        Object.fromEntries(
          landmarks!.map((landmark) => [
            landmark.name,
            trials[0]!.measured.histograms[landmark.name]?.count ?? 0,
          ]),
        ),
      ]),
    );
    // Every session has one turn with a call and one with an answer.
    const both = { arguments_complete: 4, first_source: 4 };
    expect(reached).toEqual({
      chat: both,
      responses: both,
      socket: both,
      realtime: { arguments_complete: 4, first_transcript: 0 },
      voice: { arguments_complete: 4, first_transcript: 4 },
    });
    // Five arms that can report the one; one pair of arms for the other. On a machine that is too busy
    // to measure no gate counts, but each has its numbers.
    const { valid } = result.validity;
    expect(result.gates.map(({ arm, verdict }) => [arm, verdict])).toEqual(
      ['chat', 'responses', 'socket', 'realtime', 'voice', 'responses'].map((arm) => [
        arm,
        valid ? 'pass' : 'inconclusive',
      ]),
    );
    for (const { margin } of result.gates) expect(margin).toBeGreaterThan(0);
    expect(code, out).toBe(valid ? 0 : 96);

    const records = parseStreamRecords(readFileSync(join(folder, 'streams.jsonl'), 'utf8'), 'x');
    expect(records).toHaveLength(40);
    for (const { landmarks = {}, arrivals, ended_at: ended, written_at: written } of records) {
      for (const [name, ms] of Object.entries(landmarks)) {
        // Not before what it is about, except for a transcript, which precedes its sound.
        if (name !== 'first_transcript') expect(ms, name).toBeGreaterThanOrEqual(arrivals[0]!);
        expect(ms, name).toBeGreaterThan(0);
        expect(ms, name).toBeLessThanOrEqual(ended - written! + 0.01);
        // A call is whole when the last of its pieces is there.
        if (name === 'arguments_complete') expect(ms).toBeGreaterThanOrEqual(arrivals.at(-1)!);
      }
    }
    const csv = readFileSync(join(folder, 'report.csv'), 'utf8');
    expect(csv).toMatch(/^chat,arguments_complete,ms,4,/m);
    expect(readFileSync(join(folder, 'report.html'), 'utf8')).toContain('class="pin"');
  });

  it('fail a gate that they do not meet', { timeout: 120_000 }, async () => {
    const strict = scenario
      .replace(/ {2}(responses|socket|realtime|voice): .*\n/g, '')
      .replace(/gates:[^]*/, 'gates: ["arguments_complete.p50 < 1ms"]\n');
    const { code, out, folder } = await run(strict);
    expect(out).toContain('arguments_complete.p50 < 1ms');
    const { gates, validity } = JSON.parse(
      readFileSync(join(folder, 'result.json'), 'utf8'),
    ) as Result;
    expect(gates[0]!.margin).toBeLessThan(0);
    expect(code, out).toBe(validity.valid ? 99 : 96);
  });
});
