import { describe, expect, it } from 'vitest';
import { startMock } from '../../../mock-server/index.ts';
import { mockCommand } from '../../../src/cli/commands/mock.ts';
import { StreamgaugeError } from '../../../src/errors.ts';
import { realWorld, type World } from '../../../src/world.ts';

function worldFor(): { world: World; printed: () => string } {
  let printed = '';
  const world: World = {
    ...realWorld(),
    console: {
      stdout: (text) => (printed += text),
      stderr: () => undefined,
      interactive: false,
      columns: 80,
      color: false,
    },
  };
  return { world, printed: () => printed };
}

/**
 * Runs the command until it has printed, looks, and ends it as Ctrl-C does. Only the command hears of it:
 * libraries that other files of this worker have loaded end the process at a signal.
 */
async function run(args: string[], look: (printed: string) => Promise<void>): Promise<void> {
  const { world, printed } = worldFor();
  const others = new Set(process.listeners('SIGINT'));
  const command = mockCommand(world).exitOverride();
  const done = command.parseAsync(['node', 'mock', ...args]);
  await expect.poll(printed).toContain('\n');
  await look(printed());
  for (const listener of process.listeners('SIGINT')) {
    if (!others.has(listener)) listener('SIGINT');
  }
  await done;
}

describe('streamgauge mock', () => {
  it('prints its base URL alone, serves, and ends on Ctrl-C', async () => {
    let url = '';
    await run(['--profile', 'instant'], async (printed) => {
      url = printed.trim();
      expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/v1$/);
      expect((await fetch(`${url}/models`)).status).toBe(200);
    });
    await expect(fetch(`${url}/models`)).rejects.toThrow();
  });

  it('prints one line of JSON, with the certificate of its TLS port', async () => {
    await run(
      ['--json', '--tls', '--set', 'tokens=7', '--set', 'limits.body=1kB'],
      async (printed) => {
        const info = JSON.parse(printed) as Record<string, string>;
        expect(info['secureBaseUrl']).toMatch(/^https:/);
        expect(info['certificate']).toContain('BEGIN CERTIFICATE');
        const response = await fetch(`${info['baseUrl']}/chat/completions`, {
          method: 'POST',
          body: JSON.stringify({ model: 'm', messages: [{ role: 'user', content: 'x' }] }),
        });
        expect(await response.json()).toMatchObject({ usage: { completion_tokens: 7 } });
        expect((await fetch(info['stats']!)).status).toBe(200);
      },
    );
  });

  it('says what to do about a port in use, and about wrong settings', async () => {
    const other = await startMock();
    const attempt = async (...args: string[]): Promise<unknown> => {
      const { world } = worldFor();
      return mockCommand(world)
        .exitOverride()
        .parseAsync(['node', 'mock', ...args])
        .catch((error: unknown) => error);
    };
    const inUse = await attempt('--port', String(other.port));
    expect(inUse).toBeInstanceOf(StreamgaugeError);
    expect(inUse).toMatchObject({ code: 'port-in-use', exit: 'usage' });
    expect((inUse as StreamgaugeError).hints[0]).toContain('--port');
    expect(await attempt('--set', 'ttft=fast')).toMatchObject({ code: 'mock-option-invalid' });
    expect(await attempt('--set', 'ttft')).toMatchObject({ code: 'usage' });
    expect(await attempt('--port', 'eighty')).toMatchObject({ code: 'usage' });
    await other.close();
  });
});
