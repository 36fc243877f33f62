/**
 * The toy of the tests, started both ways: as a child process and, said to be TypeScript, in this one.
 * The caller cannot tell the difference.
 */
import { describe, expect, it, onTestFinished } from 'vitest';
import { StreamgaugeError } from '../../../src/errors.ts';
import { nodeCommand, NodeChild } from '../../../src/process/node-child.ts';
import { startService, type ServiceOptions } from '../../../src/process/start-service.ts';
import { service as toy } from '../../helpers/process/toy-service.js';
import { processes, untilGone } from '../../helpers/process/processes.ts';

type ParentCalls = { double(input: number): number };
/** For a child that does not end; whatever ends by itself may take longer. */
const graceMs = 300;
const here = { ...toy, module: 'toy-service.ts' };

async function started(
  service: typeof toy = toy,
  request: Parameters<typeof toy.start>[0] = {},
  options: ServiceOptions<ParentCalls> = {},
) {
  const running = await startService(service, request, options);
  onTestFinished(() => running.close());
  return running;
}

async function thrownBy(promise: Promise<unknown>): Promise<StreamgaugeError> {
  const error: unknown = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(StreamgaugeError);
  return error as StreamgaugeError;
}

describe.each([
  ['in a child process', toy],
  ['in this process', here],
])('a service %s', (_, service) => {
  it('says what it started, and answers', async () => {
    const running = await started(service);
    expect(running.started.pid === process.pid).toBe(service === here);
    const value = { map: new Map([[1, { a: undefined }]]), bytes: new Uint8Array([1, 2]), n: NaN };
    expect(await running.ask('echo', value)).toStrictEqual(value);
  });

  it('answers many questions at the same time, each with its answer', async () => {
    const running = await started(service);
    const values = Array.from({ length: 200 }, (_, i) => i);
    const answers = values.map((value) =>
      running.ask('slowEcho', { value, ms: (value * 37) % 50 }),
    );
    expect(await Promise.all(answers)).toEqual(values);
  });

  it('passes errors on whole: code, exit, hints, place', async () => {
    const running = await started(service);
    const whole = {
      code: 'toy-refused',
      exit: 'scenarioInvalid',
      hints: ['ask for something else', 'or not at all'],
      place: { file: 'a.yaml', line: 3 },
    };
    expect(await thrownBy(running.ask('refuse'))).toMatchObject({ ...whole, message: 'not that' });
    const refused = await thrownBy(startService(service, { fail: true }));
    expect(refused).toMatchObject({ ...whole, message: 'the toy does not want to' });
    // And continues.
    expect(await running.ask('echo', 1)).toBe(1);
  });

  it('gives a defect its code, and where it happened', async () => {
    const running = await started(service);
    const error = await thrownBy(running.ask('breakDown'));
    expect(error).toMatchObject({ code: 'toy-failed', exit: 'crash', message: 'a defect' });
    expect(error.stack).toContain('toy-service.js');
  });

  it('fails a call whose values cannot travel, and only that', async () => {
    const running = await started(service);
    const sent = await thrownBy(running.ask('echo', () => 0));
    expect(sent).toMatchObject({ code: 'toy-unsendable' });
    expect(sent.message).toMatch(/^"echo" cannot be sent to the toy: .*could not be cloned/s);
    expect((await thrownBy(running.ask('unsendable'))).message).toContain('could not be cloned');
    expect(await running.ask('echo', 1)).toBe(1);
  });

  it('stops waiting at the deadline, and takes no late answer for another', async () => {
    const running = await started(service);
    const late = running.ask('slowEcho', { value: 1, ms: 100 }, { withinMs: 20 });
    expect(await thrownBy(late)).toMatchObject({
      code: 'toy-no-answer',
      message: 'the toy did not answer "slowEcho" within 0.02 s',
    });
    expect(await running.ask('slowEcho', { value: 2, ms: 150 })).toBe(2);
  });

  it('stops waiting at an abort', async () => {
    const running = await started(service);
    const controller = new AbortController();
    const asked = running.ask('never', undefined, { signal: controller.signal });
    controller.abort(new Error('enough'));
    await expect(asked).rejects.toThrow('enough');
    await expect(running.ask('echo', 1, { signal: controller.signal })).rejects.toThrow('enough');
  });

  it('can ask its parent', async () => {
    const running = await started(service, {}, { answers: { double: (value) => 2 * value } });
    expect(await running.ask('askParent', 21)).toBe(42);
    const mute = await started(service);
    expect((await thrownBy(mute.ask('askParent', 1))).message).toContain('"double"');
  });

  it('answers nothing once it is closed', async () => {
    const running = await started(service);
    await running.close();
    await running.close();
    expect(await thrownBy(running.ask('echo', 1))).toMatchObject({
      code: 'toy-closed',
      message: 'the toy has been closed',
    });
  });
});

describe('a child process', () => {
  const killed = 'the toy ended unexpectedly (signal SIGKILL)';

  it('that dies fails what was asked, and tells who listens', async () => {
    const running = await started();
    const heard: string[] = [];
    running.onExit((error) => heard.push(error.message));
    running.onExit(() => heard.push('not wanted'))();
    const asked = thrownBy(running.ask('never'));
    process.kill(running.started.pid, 'SIGKILL');
    expect(await asked).toMatchObject({ message: killed, code: 'toy-ended' });
    expect(heard).toEqual([killed]);
    expect((await thrownBy(running.ask('echo', 1))).message).toBe(killed);
    // A listener that comes too late is told as well.
    expect(await new Promise<StreamgaugeError>((heardBy) => running.onExit(heardBy))).toMatchObject(
      { message: killed },
    );
    await running.close();
  });

  it('that crashes in the middle of a call says how it ended', async () => {
    const running = await started();
    const asked = thrownBy(running.ask('never'));
    await running.ask('crash');
    expect((await asked).message).toBe('the toy ended unexpectedly (exit code 3)');
  });

  it('is closed without a word about an exit', async () => {
    const running = await started();
    let heard = false;
    running.onExit(() => (heard = true));
    await running.close();
    expect(heard).toBe(false);
    expect(processes().some(({ pid }) => pid === running.started.pid)).toBe(false);
  });

  it.each([
    ['is stopped', {}, 'SIGSTOP'],
    ['hangs while it closes', { hangOnClose: true }, undefined],
  ] as const)('that %s is killed after the grace', async (_, request, signal) => {
    const running = await started(toy, request, { closeMs: graceMs });
    if (signal) process.kill(running.started.pid, signal);
    const startMs = performance.now();
    await running.close();
    const tookMs = performance.now() - startMs;
    expect(tookMs).toBeGreaterThan(graceMs - 5);
    expect(await untilGone([running.started.pid], 0)).toEqual([]);
  });

  it('that receives nothing any more is killed after the grace', async () => {
    const running = await started(toy, {}, { closeMs: graceMs });
    running.ask('busyForever').catch(() => undefined);
    await running.close();
    expect(await untilGone([running.started.pid], 0)).toEqual([]);
  });

  it('that does not start in time is ended', async () => {
    const child = new NodeChild(toy, nodeCommand(toy.code, toy.module), { closeMs: 100 });
    const { pid } = child;
    expect(await thrownBy(child.start({ hang: true }, { withinMs: 1500 }))).toMatchObject({
      code: 'toy-no-answer',
      message: 'the toy did not start within 1.5 s',
    });
    expect(await untilGone([pid!], 0)).toEqual([]);
  });

  it('whose start is aborted is ended', async () => {
    const child = new NodeChild(toy, nodeCommand(toy.code, toy.module), { closeMs: graceMs });
    const signal = AbortSignal.timeout(50);
    await expect(child.start({ hang: true }, { signal })).rejects.toThrow('timeout');
    expect(await untilGone([child.pid!])).toEqual([]);
  });

  it('that cannot be started says why', async () => {
    const command = { ...nodeCommand(toy.code, toy.module), program: '/nowhere/no-such-program' };
    const child = new NodeChild(toy, command);
    const error = await thrownBy(child.start({}));
    expect(error.code).toBe('toy-start-failed');
    expect(error.message).toMatch(/^the toy cannot be started: .*ENOENT/);
    await child.close();
  });

  it.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)('leaves %s to its parent', async (signal) => {
    const running = await started();
    process.kill(running.started.pid, signal);
    expect(await running.ask('slowEcho', { value: 1, ms: 100 })).toBe(1);
  });

  it('does not take the messages of others on its pipe', async () => {
    const child = new NodeChild(toy, nodeCommand(toy.code, toy.module));
    onTestFinished(() => child.close());
    for (const message of ['text', null, { number: 'x' }, { kind: 'answer', number: 99 }]) {
      child.process.send(message as object);
    }
    await child.start({});
    expect(await child.ask('echo', 1)).toBe(1);
  });
});
