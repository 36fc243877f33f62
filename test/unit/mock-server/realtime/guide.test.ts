/** docs/mock-server.md against the code it tells of. */
import * as fs from 'node:fs';
import { describe, expect, it } from 'vitest';
import { mockOptionsSchema } from '../../../../mock-server/settings/options.ts';
import { defaultProfile, profileNames } from '../../../../mock-server/settings/profiles.ts';
import { resolveMockOptions } from '../../../../mock-server/settings/resolve-options.ts';
import { mockCommand } from '../../../../src/cli/commands/mock.ts';
import { parseDistribution } from '../../../../src/random/distribution.ts';
import { parseDuration } from '../../../../src/settings/units.ts';
import { realWorld } from '../../../../src/world.ts';

const guide = fs.readFileSync(new URL('../../../../docs/mock-server.md', import.meta.url), 'utf8');

/** First column of the table whose header line starts with `header`. */
function firstColumn(header: string): string[] {
  const lines = guide.split('\n');
  const at = lines.findIndex((line) => line.startsWith(header));
  expect(at, header).toBeGreaterThan(0);
  const rows: string[] = [];
  for (let i = at + 2; lines[i]?.startsWith('|'); i++) {
    rows.push(/`([^`]+)`/.exec(lines[i]!)![1]!);
  }
  return rows;
}

describe('the guide to the mock server', () => {
  it('lists every profile, and the default', () => {
    expect(firstColumn('| profile | imitates').sort()).toEqual([...profileNames].sort());
    expect(guide).toContain(`\`${defaultProfile}\` (default)`);
  });

  it('names options that exist', () => {
    const options = Object.keys(mockOptionsSchema.shape);
    for (const name of firstColumn('| option | what it decides')) expect(options).toContain(name);
    const limits = mockOptionsSchema.shape.limits.unwrap().shape;
    expect(firstColumn('| option below `limits`').sort()).toEqual(Object.keys(limits).sort());
  });

  it('gives options for each trouble that the mock accepts', () => {
    const examples = guide.matchAll(/`((?:\w+: (?:\{[^`]*\}|\[[^`]*\]|"[^"`]*"|[\d.]+)))`/g);
    let count = 0;
    for (const [, text] of examples) {
      // `key: value` as JSON: keys quoted. Some options mean something only together with `slots`.
      const json = `{${text!.replaceAll(/(\w+): /g, '"$1": ')}}`;
      const option: object = { slots: 8, ...JSON.parse(json) };
      expect(() => resolveMockOptions(option), text).not.toThrow();
      count += 1;
    }
    expect(count).toBeGreaterThanOrEqual(7);
  });

  it('names flags that the command has', () => {
    const known = mockCommand(realWorld()).options.map((option) => option.long);
    const lines = guide.split('\n').filter((line) => line.includes('streamgauge mock'));
    const flags = lines.flatMap((line) => line.match(/--[a-z][a-z-]*/g) ?? []);
    expect(flags.length).toBeGreaterThan(3);
    for (const flag of flags) expect([...known, '--help']).toContain(flag);
  });

  it('shows distributions that can be parsed', () => {
    const forms = firstColumn('| form | meaning').slice(1);
    expect(forms).toHaveLength(6);
    for (const form of forms) {
      const name = form.slice(0, form.indexOf('('));
      const filled = form.includes('sd') || name === 'uniform' ? '(1ms, 2ms)' : '(1ms, 2)';
      const text = form.includes(',') ? name + filled : `${name}(1ms)`;
      expect(parseDistribution(text, parseDuration).kind).toBe(name);
    }
  });

  it('states the defaults of the code', () => {
    const { audio, limits, sessionLifetimeMs } = resolveMockOptions({});
    expect(audio).toMatchObject({ chunkMs: 200, speed: 4, msPerToken: 50 });
    expect(limits).toEqual({
      bodyBytes: 32 * 1024 ** 2,
      messageBytes: 20 * 1024 ** 2,
      connections: 20_000,
      loggedStreams: 10_000,
    });
    expect(sessionLifetimeMs).toBe(60 * 60_000);
  });
});
