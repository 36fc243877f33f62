/**
 * How soon an external target frees the slot of a client that has left, found out from outside: all of its
 * slots are filled, one more request is made to wait, one of the clients leaves, and the time is taken
 * until the waiting request's first token comes, less what a first token takes when a slot is free.
 *
 * An estimate, and only where the target queues what it cannot serve. A repetition in which the request
 * did not wait, or another slot became free meanwhile, says nothing and does not count.
 */
import type { LeavePlan } from '../scenario/plan.ts';
import { Session, type SessionListener, type SessionShared } from '../session/session.ts';
import { sleep, within } from '../timer/waiting.ts';

/** A request waits if nothing has come of it for so many times the usual time to the first token. */
const waitFactor = 3;
const leastWaitMs = 300;
/** Longest wait for anything to happen, ms. */
const giveUpMs = 30_000;
const repetitions = 5;
/** Between two repetitions, ms. */
const leastPauseMs = 1000;
/** The probe's sessions have separate numbers, so that none is named as one of the load. */
const firstNumber = 1_000_000;

export interface SlotProbeResult {
  /** One for each repetition that counts, ms. */
  latenciesMs: number[];
  /** Repetitions that said nothing. */
  failed: number;
}

/** One client of the probe. */
class ProbeClient {
  /** Resolves with the time to the first token, ms, and undefined where the answer ends before. */
  readonly firstToken: Promise<number | undefined>;
  firstTokenAt = Number.NaN;
  isOver = false;
  private readonly session: Session;
  private readonly done: Promise<unknown>;

  constructor(shared: SessionShared, number: number) {
    let settle!: (ttftMs: number | undefined) => void;
    this.firstToken = new Promise((resolve) => (settle = resolve));
    const nothing = (): void => {};
    const listener: SessionListener = {
      onGap: nothing,
      onInstrumentError: nothing,
      onEvent: nothing,
      onConnected: nothing,
      onTurnStarted: nothing,
      onToolResultSkipped: nothing,
      onFirstToken: (ttftMs) => {
        if (Number.isNaN(this.firstTokenAt)) this.firstTokenAt = shared.time.now();
        settle(ttftMs);
      },
      onTurnEnded: () => {
        this.isOver = true;
        settle(undefined);
      },
    };
    this.session = new Session(shared, listener, number, shared.time.now());
    this.done = this.session.run();
  }

  leave({ how, code }: LeavePlan): void {
    if (how !== 'cancel') this.session.stop('cancelled', `left: ${how}`, how, code);
  }

  async end(): Promise<void> {
    this.session.stop('aborted', 'the probe was over');
    await this.done;
  }
}

/**
 * @param slots - answers that the target makes at the same time.
 * @param isAborted - whether the user asked the run to end.
 */
export async function probeSlots(
  shared: SessionShared,
  leave: LeavePlan,
  slots: number,
  isAborted: () => boolean,
): Promise<SlotProbeResult> {
  const arm = { ...shared.arm, leave: undefined, reader: undefined, reconnect: undefined };
  const quiet: SessionShared = { ...shared, arm };
  const found: { raw: number[]; leastTtftMs: number; failed: number } = {
    raw: [],
    leastTtftMs: Number.POSITIVE_INFINITY,
    failed: 0,
  };
  for (let repetition = 0; repetition < repetitions && !isAborted(); repetition++) {
    // Slots of clients that have just left must be free, or the first tokens would wait for them.
    await sleep(shared.time, Math.max(leastPauseMs, 2 * (found.raw.at(-1) ?? 0)));
    const number = firstNumber + repetition * (slots + 1);
    const rawMs = await probeOnce(quiet, leave, slots, number, found);
    if (rawMs === undefined) found.failed++;
    else found.raw.push(rawMs);
  }
  return {
    latenciesMs: found.raw.map((rawMs) => Math.max(0, rawMs - found.leastTtftMs)),
    failed: found.failed,
  };
}

async function probeOnce(
  shared: SessionShared,
  leave: LeavePlan,
  slots: number,
  number: number,
  found: { leastTtftMs: number },
): Promise<number | undefined> {
  const clients: ProbeClient[] = [];
  const start = (): ProbeClient => {
    const client = new ProbeClient(shared, number + clients.length);
    clients.push(client);
    return client;
  };
  try {
    const fillers = Array.from({ length: slots }, start);
    for (const { firstToken } of fillers) {
      const ttft = await within(shared.time, firstToken, giveUpMs);
      if (ttft === undefined) return undefined;
      found.leastTtftMs = Math.min(found.leastTtftMs, ttft);
    }
    const waiting = start();
    const waitMs = Math.max(leastWaitMs, waitFactor * found.leastTtftMs);
    await within(shared.time, waiting.firstToken, waitMs);
    const isWaiting = Number.isNaN(waiting.firstTokenAt) && !waiting.isOver;
    if (!isWaiting || fillers.some(({ isOver }) => isOver)) return undefined;
    const leftAt = shared.time.now();
    fillers[0]!.leave(leave);
    await within(shared.time, waiting.firstToken, giveUpMs);
    const { firstTokenAt } = waiting;
    if (Number.isNaN(firstTokenAt) || fillers.slice(1).some(({ isOver }) => isOver)) {
      return undefined;
    }
    return (firstTokenAt - leftAt) / 1e6;
  } finally {
    for (const client of clients) await client.end();
  }
}
