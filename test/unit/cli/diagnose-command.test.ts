/** What the command refuses before it asks anything. */
import { describe, expect, it } from 'vitest';
import { makeProgram } from '../../../src/cli/main.ts';
import { StreamgaugeError } from '../../../src/errors.ts';
import { memoryWorld } from '../../helpers/memory-world.ts';

async function refusal(args: readonly string[]): Promise<{ message: string; exit: number }> {
  const world = memoryWorld({ files: { 'broken.conf': 'http {' } });
  try {
    await makeProgram(world).parseAsync(['node', 'streamgauge', 'diagnose', ...args]);
  } catch (error) {
    if (error instanceof StreamgaugeError) return { message: error.message, exit: error.exitCode };
    return { message: world.err(), exit: (error as { exitCode?: number }).exitCode === 1 ? 2 : -1 };
  }
  throw new Error('it was accepted');
}

describe('diagnose refuses', () => {
  it.each<[string[], string]>([
    [[], 'needs a URL, or --config FILE'],
    [['nowhere'], 'is not a URL'],
    [['http://h/', '--format', 'pdf'], 'unknown format'],
    [['http://h/', '--format', 'json,html'], '--out DIRECTORY'],
    [['http://h/', '--budget', '5'], '--budget'],
    [['http://h/', '--repeat', '0'], '--repeat'],
    [['http://h/', '--model', 'm'], '--model is for an API dialect'],
    [['http://h/', '-H', 'Authorization: Bearer abc'], 'must come from the environment'],
    [['http://h/', '-H', 'X-Key: ${NOT_SET_ANYWHERE}'], 'has no NOT_SET_ANYWHERE'],
    [['http://h/', '-H', 'no colon'], "is not 'Name: value'"],
    [['http://h/', '--body-file', '/nonexistent'], 'cannot read'],
    [['http://h/', '--dialect', 'openai'], 'openai-chat'],
    [['http://h/', '--dialect', 'openai-chat', '-X', 'GET'], '--method is for the generic dialect'],
    [['http://h/', '--ca', 'missing.pem'], 'cannot read missing.pem'],
  ])('%j', async (args, message) => {
    const { message: said, exit } = await refusal(args);
    expect(said).toContain(message);
    expect(exit).toBe(2);
  });

  it('a configuration that cannot be read, before it asks anything', async () => {
    const { message } = await refusal(['http://127.0.0.1:1/', '--config', 'broken.conf', '-q']);
    expect(message).not.toContain('reached');
    expect(message).toMatch(/http|brace|block|\}/);
  });
});
