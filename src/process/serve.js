// @ts-check
/**
 * The child's side: serves what a module exports as `service` until the parent ends it or is gone.
 * Plain JavaScript, so that a child can run it both from the TypeScript sources and from the build.
 *
 * @typedef {import('./service.ts').AnyService} AnyService
 * @typedef {import('./service.ts').AnyServing} AnyServing
 */
import { CallChannel, closeQuestion, startQuestion } from './channel.js';

/**
 * What a service answers, by question.
 *
 * @param {AnyService} service
 * @param {(question: string, input: unknown) => Promise<unknown>} askParent
 * @param {() => void} whenClosed after what is served has ended
 * @returns {(question: string, input: unknown) => Promise<unknown>}
 */
export function answersOf(service, askParent, whenClosed) {
  /** @type {AnyServing | undefined} */
  let serving;
  return async (question, input) => {
    if (question === startQuestion) {
      serving = await service.start(/** @type {never} */ (input), { ask: askParent });
      return serving.started;
    }
    if (question === closeQuestion) {
      await serving?.close();
      whenClosed();
      return undefined;
    }
    if (!serving || !Object.hasOwn(serving.calls, question)) {
      throw new Error(`${service.name} does not know the question "${question}"`);
    }
    return serving.calls[question]?.(/** @type {never} */ (input));
  };
}

/**
 * The end of the channel to the parent, in the child.
 *
 * @param {(question: string, input: unknown) => unknown} answer
 */
export function channelToParent(answer) {
  const channel = new CallChannel({
    peer: { name: 'the parent process', code: 'parent' },
    answer,
    send(message, handle) {
      // A parent that is gone gets no messages; the event says so as well.
      if (process.connected) process.send?.(message, handle, {}, () => {});
    },
    toError: ({ message, code }) => Object.assign(new Error(message), { code }),
  });
  process.on('message', (message, handle) => channel.receive(message, handle));
  return channel;
}

/**
 * Signals that reach all processes of a container or service that is stopped: the parent decides when a
 * child ends. (Those of a terminal do not reach it, see node-child.ts.)
 */
export function leaveSignalsToParent() {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => {});
}

/**
 * Serves the parent of this process.
 *
 * @param {AnyService} service
 */
export function serve(service) {
  leaveSignalsToParent();
  // The parent has gone, however it went: its end of the pipe is closed.
  process.once('disconnect', () => process.exit(0));
  const channel = channelToParent(
    answersOf(
      service,
      async (question, input) => (await channel.ask(question, input)).value,
      () => process.exit(0),
    ),
  );
}
