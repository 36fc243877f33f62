/** Starts a service: in a child process, or in this one where it is TypeScript. */
import type { StreamgaugeError } from '../errors.ts';
import { CallChannel, closeQuestion, startQuestion, type Message, type Wait } from './channel.js';
import { nodeCommand, NodeChild, type ChildOptions } from './node-child.ts';
import { closedError, receivedError } from './received-error.ts';
import { answersOf } from './serve.js';
import type { AnyCalls, AnyService, RunningService, Service } from './service.ts';

export interface ServiceOptions<ParentCalls> extends Wait {
  /** What the service may ask this process. */
  answers?: ParentCalls;
  /** Grace of a child process for an orderly end, ms; default: `closeMs` of limits.js. */
  closeMs?: number;
}

/**
 * Starts a service in a child process, which ends when this one does. From TypeScript sources, which
 * Node 20 cannot run in a child, it runs in this process, through the same channel.
 *
 * @throws StreamgaugeError as the service's `start`, or where no process can be started in time.
 */
export async function startService<Request, Started, Calls, ParentCalls = object>(
  service: Service<Request, Started, Calls, ParentCalls>,
  request: Request,
  { answers, closeMs, ...wait }: ServiceOptions<ParentCalls> = {},
): Promise<RunningService<Started, Calls>> {
  const answer = answering(answers ?? {});
  // The protocol knows of no types; the service's give them back.
  const running = service.module.endsWith('.ts')
    ? await startHere(service as unknown as AnyService, request, answer, wait)
    : await startChild(
        service,
        request,
        { answer, ...(closeMs !== undefined && { closeMs }) },
        wait,
      );
  return running as RunningService<Started, Calls>;
}

type Answer = (question: string, input: unknown) => unknown;

/** As RunningService, without its types. */
interface Running {
  readonly started: unknown;
  ask(question: string, input?: unknown, wait?: Wait): Promise<unknown>;
  onExit(listener: (error: StreamgaugeError) => void): () => void;
  close(): Promise<void>;
}

function answering(calls: AnyCalls): Answer {
  return (question, input) => {
    if (!Object.hasOwn(calls, question)) throw new Error(`unknown question "${question}"`);
    return calls[question]!(input as never);
  };
}

async function startChild(
  service: { name: string; code: string; module: string },
  request: unknown,
  options: ChildOptions,
  wait: Wait,
): Promise<Running> {
  const child = new NodeChild(service, nodeCommand(service.code, service.module), options);
  const started = await child.start(request, wait);
  return {
    started,
    ask: (question, input, wait) => child.ask(question, input, wait),
    onExit: (listener) => child.onExit(listener),
    close: () => child.close(),
  };
}

async function startHere(
  service: AnyService,
  request: unknown,
  answer: Answer,
  wait: Wait,
): Promise<Running> {
  const toError = receivedError.bind(undefined, service);
  // Copies, as between processes: who keeps what was sent cannot change what was received.
  const sendTo = (receiver: () => CallChannel) => (message: Message) => {
    const copy = structuredClone(message);
    queueMicrotask(() => receiver().receive(copy));
  };
  const ours: CallChannel = new CallChannel({
    peer: service,
    toError,
    answer,
    send: sendTo(() => theirs),
  });
  const theirs: CallChannel = new CallChannel({
    peer: { name: 'the parent process', code: 'parent' },
    toError,
    answer: answersOf(
      service,
      async (question, input) => (await theirs.ask(question, input)).value,
      () => undefined,
    ),
    send: sendTo(() => ours),
  });
  const ask: Running['ask'] = async (question, input, wait) =>
    (await ours.ask(question, input, wait)).value;

  const started = await ask(startQuestion, request, wait);
  let closing: Promise<void> | undefined;
  const end = async (): Promise<void> => {
    await ours.ask(closeQuestion).catch(() => undefined);
    ours.end(closedError(service));
  };
  return {
    started,
    ask,
    // It cannot end without this process.
    onExit: () => () => undefined,
    close: () => (closing ??= end()),
  };
}
