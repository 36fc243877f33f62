import { expect, it } from 'vitest';
import { runCommand } from '../../../src/process/run-command.ts';

it('runs a command on its input, without the secrets of this process', () => {
  process.env['A_SECRET_OF_THE_TEST'] = 'sk-secret';
  try {
    const script = 'cat; echo "[$A_SECRET_OF_THE_TEST]"; echo problem >&2; exit 3';
    expect(runCommand('sh', ['-c', script], 'given ')).toEqual({
      ok: false,
      stdout: 'given []\n',
      stderr: 'problem\n',
      error: undefined,
    });
  } finally {
    delete process.env['A_SECRET_OF_THE_TEST'];
  }
  expect(runCommand('true', []).ok).toBe(true);
});

it('says that there is no such program', () => {
  const result = runCommand('no-such-program-anywhere', []);
  expect(result).toMatchObject({ ok: false, stdout: '', error: { code: 'ENOENT' } });
});

it('does not wait forever', () => {
  expect(runCommand('sleep', ['1000'], '', 100)).toMatchObject({
    ok: false,
    error: { code: 'ETIMEDOUT' },
  });
});
