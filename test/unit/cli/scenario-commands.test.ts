import { execFileSync, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { makeProgram } from '../../../src/cli/main.ts';
import { completionScript, shells } from '../../../src/cli/completion-script.ts';
import { StreamgaugeError } from '../../../src/errors.ts';
import { realWorld, type World } from '../../../src/world.ts';
import { memoryWorld, type MemoryWorld } from '../../helpers/memory-world.ts';

/** Writes in memory, reads the package's files from the disk. */
function overPackage(memory: MemoryWorld): World {
  const { files } = realWorld();
  return {
    ...memory,
    files: {
      ...memory.files,
      exists: (name) => memory.files.exists(name) || files.exists(name),
      readText: (name) =>
        memory.stored.has(name) ? memory.files.readText(name) : files.readText(name),
    },
  };
}

async function run(world: World, ...args: string[]): Promise<void> {
  await makeProgram(world).parseAsync(['node', 'streamgauge', ...args]);
}

afterEach(() => {
  process.exitCode = undefined;
});

describe('init', () => {
  it.each(['quickstart', 'chat', 'agent-loop', 'voice'])(
    '%s writes a valid scenario',
    async (name) => {
      const memory = memoryWorld();
      const world = overPackage(memory);
      await run(world, 'init', name);
      const text = memory.stored.get(`${memory.cwd}/${name}.yaml`)!;
      expect(text).toMatch(/^# yaml-language-server: \$schema=\S*schema\/scenario\.json\n/);
      expect(text).not.toContain('scenarios/');
      await run(world, 'validate', `${name}.yaml`);
      expect(memory.out()).toContain(`ok ${name}.yaml: `);
      expect(process.exitCode).toBeUndefined();
    },
  );

  it('overwrites only when told to', async () => {
    const memory = memoryWorld({ files: { 'quickstart.yaml': 'mine' } });
    const world = overPackage(memory);
    const file = `${memory.cwd}/quickstart.yaml`;
    await expect(run(world, 'init')).rejects.toMatchObject({ code: 'file-exists', exitCode: 2 });
    expect(memory.stored.get(file)).toBe('mine');
    await run(world, 'init', '--force');
    expect(memory.stored.get(file)).toContain('name:');
  });

  it.each([
    { given: ['my.yaml'], file: 'my.yaml' },
    { given: ['load/my.yml'], file: 'load/my.yml' },
    { given: ['chat', 'my.yaml'], file: 'my.yaml' },
    { given: ['chat', '--out', 'my.yaml'], file: 'my.yaml' },
  ])('$given writes $file', async ({ given, file }) => {
    const memory = memoryWorld();
    const world = overPackage(memory);
    await run(world, 'init', ...given);
    expect([...memory.stored.keys()]).toEqual([`${memory.cwd}/${file}`]);
    expect(memory.out()).toContain(`streamgauge run ${file}`);
    await run(world, 'validate', file);
    expect(memory.out()).toContain(`ok ${file}: `);
  });

  it('names a template that was nearly meant, and how to name a file', async () => {
    const world = overPackage(memoryWorld());
    const attempt = run(world, 'init', 'voise');
    await expect(attempt).rejects.toMatchObject({
      code: 'unknown-template',
      exitCode: 2,
      hints: [
        'did you mean "voice"?',
        expect.stringContaining('templates: quickstart'),
        expect.stringContaining('init voise.yaml'),
      ],
    });
  });

  it('refuses two files', async () => {
    const world = overPackage(memoryWorld());
    await expect(run(world, 'init', 'a.yaml', 'b.yaml')).rejects.toMatchObject({ exitCode: 2 });
  });

  it('says when it cannot write', async () => {
    const world = overPackage(memoryWorld({ readOnly: '/closed' }));
    const attempt = run(world, 'init', '--out', '/closed/a.yaml');
    await expect(attempt).rejects.toBeInstanceOf(StreamgaugeError);
    await expect(attempt).rejects.toThrow('cannot write /closed/a.yaml');
  });
});

describe('validate', () => {
  const good =
    'target: mock\nload: { kind: closed, sessions: 2, duration: 5s, warmup: 1s }\nprompt: Hi\n';

  it('says ok with a line for each arm', async () => {
    const world = memoryWorld({
      files: { 'a.yaml': `name: A\n${good}matrix: { network.rtt: [1ms, 40ms] }\n` },
    });
    await run(world, 'validate', 'a.yaml');
    expect(world.out()).toBe(`ok a.yaml: A
  matrix: 1 arm × network.rtt (2) = 2 arms
  sse @ rtt=1ms: openai-chat over sse against the mock: 2 sessions at a time for 5 s after 1 s of warm-up, network delay rtt=1ms
  sse @ rtt=40ms: openai-chat over sse against the mock: 2 sessions at a time for 5 s after 1 s of warm-up, network delay rtt=40ms
`);
  });

  it('print-config says which values the matrix has set, and where', async () => {
    const scenario = `name: A\n${good}network: { jitter: 1ms }\nmatrix: { network.rtt: [1ms, 40ms] }\nheatmap: [stalls]\n`;
    const world = memoryWorld({ files: { 'a.yaml': scenario } });
    await run(world, 'run', 'a.yaml', '--print-config');
    const line = (start: string): string[] =>
      world
        .out()
        .split('\n')
        .filter((text) => text.startsWith(start));
    expect(line('arm ')).toEqual(['arm sse @ rtt=1ms', 'arm sse @ rtt=40ms']);
    expect(line('  network ')).toHaveLength(2);
    for (const text of line('  network ')) expect(text).toMatch(/a\.yaml:6$/);
    expect(line('  load.duration')[1]).toMatch(/a\.yaml:3$/);
    expect(line('  heatmap')).toEqual([expect.stringMatching(/stalls +a\.yaml:7$/)]);
  });

  it('continues after a bad file and ends with 104', async () => {
    const world = memoryWorld({ files: { 'bad.yaml': `${good}sead: 1\n`, 'good.yaml': good } });
    await run(world, 'validate', 'bad.yaml', 'none.yaml', 'good.yaml');
    expect(world.err()).toContain('bad.yaml:4:1');
    expect(world.err()).toContain('did you mean "seed"?');
    expect(world.err()).toContain('cannot read the scenario none.yaml');
    expect(world.out()).toContain('ok good.yaml');
    expect(process.exitCode).toBe(104);
  });
});

describe('schema', () => {
  it.each(['scenario', 'result'] as const)(
    'prints the %s schema that is published',
    async (name) => {
      const world = memoryWorld();
      await run(world, 'schema', name);
      const published = fs.readFileSync(
        path.resolve(import.meta.dirname, `../../../schema/${name}.json`),
        'utf8',
      );
      expect(world.out()).toBe(published);
      expect(JSON.parse(published)).toMatchObject({ type: 'object', additionalProperties: false });
    },
  );
});

describe('completion', () => {
  const program = makeProgram(memoryWorld());
  const has = (shell: string): boolean => spawnSync(shell, ['-c', 'true']).status === 0;

  it.each(shells)('for %s names every command and its options', (shell) => {
    const script = completionScript(shell, program);
    for (const command of program.commands) {
      expect(script).toContain(command.name());
      for (const { long } of command.options) expect(script).toContain(long!.slice(2));
    }
  });

  it.each(shells.filter(has))('for %s parses', (shell) => {
    const script = completionScript(shell, program);
    const checked = spawnSync(shell, ['-n'], { input: script, encoding: 'utf8' });
    expect(checked.stderr).toBe('');
    expect(checked.status).toBe(0);
  });

  it.runIf(has('bash'))('completes in bash', () => {
    const complete = (...words: string[]): string[] => {
      const script = `${completionScript('bash', program)}
COMP_WORDS=(${words.map((word) => `'${word}'`).join(' ')}); COMP_CWORD=${words.length - 1}
_streamgauge; printf '%s\\n' "\${COMPREPLY[@]}"`;
      const out = execFileSync('bash', ['-c', script], { encoding: 'utf8' });
      return out.split('\n').filter((word) => word !== '');
    };
    expect(complete('streamgauge', 'val')).toEqual(['validate']);
    expect(complete('streamgauge', 'init', 'vo')).toEqual(['voice']);
    expect(complete('streamgauge', 'validate', '--s')).toEqual(['--set']);
    expect(complete('streamgauge', 'schema', '')).toEqual([
      '--help',
      'scenario',
      'result',
      'diagnosis',
    ]);
  });
});
