/**
 * One session: runs its script turn by turn on one channel, and can be stopped at any moment.
 */
import type { Conversation, Dialect, TurnInput } from '../dialect/dialect.ts';
import { isSuccess, type Outcome } from '../metric/outcome.ts';
import { countTurns } from '../scenario/describe.ts';
import type { ArmPlan } from '../scenario/plan.ts';
import type { ParkedConnections } from '../transport/leaving.ts';
import type { openChannel } from '../transport/registry.ts';
import type { SdkAdapter } from '../transport/sdk.ts';
import type {
  Channel,
  Endpoint,
  ExchangeEnd,
  ExchangeObserver,
  LeaveHow,
} from '../transport/transport.ts';
import { seededRng } from '../random/rng.ts';
import type { Scheduler } from '../timer/scheduler.ts';
import { after } from '../timer/waiting.ts';
import { callOnce } from './call-once.ts';
import { drawDeparture, type Departure } from './departure.ts';
import { unroll, type ConcreteStep } from './script.ts';
import { syntheticSpeech } from './speech.ts';
import { StreamLedger } from './stream-ledger.ts';
import { TurnSupervisor } from './supervisor.ts';
import { Turn, type TurnListener } from './turn.ts';
import type { TurnLimits, TurnRecord } from './turn-record.ts';

/** How long a target may take to confirm that it has cancelled an answer. */
const confirmationMs = 5000;

/** What all sessions of an arm share. */
export interface SessionShared {
  arm: ArmPlan;
  dialect: Dialect;
  /** The official package, where the arm goes through it. */
  sdk?: SdkAdapter | undefined;
  endpoint: Endpoint;
  seed: string;
  /** `arm/trial`: first part of every stream id. */
  streamPrefix: string;
  /** Contents of the files that `speak` steps name. */
  audioFiles: ReadonlyMap<string, Uint8Array>;
  /** What time it is, and when something is to happen. */
  time: Scheduler;
  /** Opens the channel of a session: sockets, or what a test puts in their place. */
  openChannel: typeof openChannel;
  limits: TurnLimits;
  /** Takes connections that turns leave open on purpose. */
  parked?: ParkedConnections;
}

export interface SessionListener extends TurnListener {
  onTurnStarted(): void;
  onTurnEnded(record: TurnRecord): void;
  /** A `tool_result` step found no tool call to answer. */
  onToolResultSkipped(): void;
}

export interface SessionRecord {
  session: number;
  intendedAt: number;
  startedAt: number;
  endedAt: number;
  outcome: Outcome;
  turns: number;
  /** Met every declared objective. */
  good: boolean;
  /** Terminal event of the first turn, ns; NaN where it did not come. */
  firstTerminalAt: number;
  lastTerminalAt: number;
}

export class Session {
  readonly record: SessionRecord;
  private readonly shared: SessionShared;
  private readonly listener: SessionListener;
  private readonly channel: Channel;
  private conversation: Conversation;
  private turn: Turn | undefined;
  /** Carries the turn on after breaks; undefined where the plan has no `reconnect`. */
  private supervisor: TurnSupervisor | undefined;
  private greeted = false;
  private stopped: { outcome: Outcome; detail: string } | undefined;
  private wake: (() => void) | undefined;

  constructor(
    shared: SessionShared,
    listener: SessionListener,
    session: number,
    intendedAt: number,
  ) {
    this.shared = shared;
    this.listener = listener;
    const { arm } = shared;
    if (arm.via === 'sdk' && !shared.sdk) throw new Error('via: sdk without its package');
    this.channel = shared.openChannel(arm.transport, shared.endpoint, {
      sdk: shared.sdk,
      time: shared.time,
      reader: arm.reader,
      parked: shared.parked,
    });
    this.conversation = this.newConversation();
    this.record = {
      session,
      intendedAt,
      startedAt: shared.time.now(),
      endedAt: Number.NaN,
      outcome: 'completed',
      turns: 0,
      good: true,
      firstTerminalAt: Number.NaN,
      lastTerminalAt: Number.NaN,
    };
  }

  /** Runs the script to its end, to the first failure, or until stopped. Never rejects. */
  async run(): Promise<SessionRecord> {
    const { record, shared } = this;
    const { arm } = shared;
    for (const step of unroll(arm.session, shared.seed, record.session)) {
      if (step.kind === 'think') {
        await this.sleep(step.ms);
        continue;
      }
      if (this.stopped) {
        // Only a turn that will not be taken cuts a session short; a last pause does not.
        record.outcome = this.stopped.outcome;
        break;
      }
      if (step.kind === 'ask' && arm.history === 'none' && record.turns > 0) {
        this.conversation = this.newConversation();
      }
      const input = this.inputOf(step);
      if (!input) continue;
      const turn = await this.runTurn(input);
      const hasGone = turn.outcome === 'cancelled' && turn.left?.how !== 'cancel';
      if (hasGone || !isSuccess(turn.outcome)) {
        record.outcome = turn.outcome;
        break;
      }
    }
    this.channel.close('close');
    record.endedAt = shared.time.now();
    if (!isSuccess(record.outcome)) record.good = false;
    return record;
  }

  /** Ends the session now; the running turn gets the outcome. */
  stop(outcome: Outcome, detail: string, how: LeaveHow = 'rst', code?: number): void {
    if (this.stopped) return;
    this.stopped = { outcome, detail };
    this.turn?.end(outcome, detail, how, code);
    this.wake?.();
  }

  /** Applies the idle and total timeouts; called every so often for all sessions. */
  checkTimeouts(now: number): void {
    const { turn } = this;
    if (!turn || turn.isSettled) return;
    const { idleMs, totalMs } = this.shared.arm.timeouts;
    if ((now - turn.record.startedAt) / 1e6 > totalMs) {
      turn.end('timed_out', `not over after ${totalMs} ms`);
    } else if ((now - turn.record.lastAt) / 1e6 > idleMs) {
      this.onIdle(turn, `nothing arrived for ${idleMs} ms`);
    }
  }

  private onIdle(turn: Turn, detail: string): void {
    const { supervisor } = this;
    if (supervisor?.isWaiting) return;
    const stalled = { outcome: 'stalled', detail } as const;
    if (this.shared.arm.reconnect?.stalled && supervisor?.leaveAndResume('rst', stalled)) return;
    turn.end('stalled', detail);
  }

  private newConversation(): Conversation {
    const { arm, dialect } = this.shared;
    return dialect.start({
      transport: arm.transport,
      model: arm.model,
      stream: arm.transport !== 'http',
      dialectOptions: arm.dialectOptions,
      extraBody: arm.extraBody,
      resumable: arm.reconnect !== undefined,
      keepsHistory: arm.history === 'keep' && countTurns(arm.session.steps) > 1,
    });
  }

  private inputOf(step: Exclude<ConcreteStep, { kind: 'think' }>): TurnInput | undefined {
    const { arm, streamPrefix, audioFiles } = this.shared;
    const { record } = this;
    const common = {
      streamId: `${streamPrefix}/${record.session}.${record.turns}`,
      instructions: arm.instructions,
    };
    if (step.kind === 'speak') {
      const pcm =
        step.source.kind === 'file'
          ? audioFiles.get(step.source.path)!
          : syntheticSpeech(step.source.ms);
      return {
        ...common,
        content: { kind: 'audio', pcm, chunkMs: step.chunkMs },
        maxTokens: undefined,
        tools: [],
        toolChoice: undefined,
      };
    }
    const rest = { maxTokens: step.drawnMaxTokens, tools: step.tools, toolChoice: step.toolChoice };
    if (step.kind === 'ask') {
      return { ...common, ...rest, content: { kind: 'prompt', text: step.prompt } };
    }
    const calls = this.conversation.pendingToolCalls();
    if (calls.length === 0) {
      this.listener.onToolResultSkipped();
      return undefined;
    }
    const results = calls.map(({ callId }) => ({ callId, output: step.output }));
    return { ...common, ...rest, content: { kind: 'tool_results', results } };
  }

  private async runTurn(input: TurnInput): Promise<TurnRecord> {
    const { record, shared, listener } = this;
    const startedAt = record.turns === 0 ? record.startedAt : shared.time.now();
    const intendedAt = record.turns === 0 ? record.intendedAt : startedAt;
    record.turns++;
    const turn = new Turn(
      input.streamId,
      { intendedAt, startedAt },
      this.conversation,
      listener,
      shared.limits,
      shared.arm.reconnect || shared.arm.verify ? new StreamLedger() : undefined,
    );
    const departure = drawDeparture(
      shared.arm.leave,
      shared.seed,
      record.session,
      record.turns - 1,
    );
    if (departure) {
      turn.departWhenDue(shared.time, departure, () => this.depart(turn, departure));
    }
    this.turn = turn;
    listener.onTurnStarted();
    if (!this.greeted && this.conversation.greeting && !this.stopped) await this.greet(input, turn);
    if (this.stopped) turn.end(this.stopped.outcome, this.stopped.detail);
    else if (!turn.isSettled) {
      this.startExchange(input, turn);
    }
    const done = await turn.done;
    this.turn = undefined;
    this.supervisor?.stop();
    this.supervisor = undefined;
    this.account(done);
    listener.onTurnEnded(done);
    return done;
  }

  private startExchange(input: TurnInput, turn: Turn): void {
    const { channel, conversation, shared } = this;
    const { reconnect } = shared.arm;
    const request = conversation.ask(input);
    if (!reconnect) {
      turn.exchange = channel.start(request, turn);
      return;
    }
    const place = input.streamId.slice(shared.streamPrefix.length);
    this.supervisor = new TurnSupervisor({
      turn,
      ledger: turn.ledger!,
      channel,
      conversation,
      plan: reconnect,
      rng: seededRng(`${shared.seed}/reconnect${place}`),
      time: shared.time,
    });
    this.supervisor.start(request);
  }

  /** Leaves a turn as planned. */
  private depart(turn: Turn, departure: Departure): void {
    const { how, code, resumes, description } = departure;
    const verdict = { outcome: 'cancelled', detail: description } as const;
    // Who comes back has not left for good: nothing of that stream is wasted.
    if (resumes && how !== 'cancel' && this.supervisor?.leaveAndResume(how, verdict)) return;
    const call = how === 'cancel' ? this.conversation.cancel?.() : undefined;
    turn.record.left = {
      how,
      at: this.shared.time.now(),
      tokenEvents: turn.record.tokenEvents,
      retrieve: this.conversation.retrieve?.(),
    };
    if (how !== 'cancel') {
      turn.end('cancelled', description, how, code);
      return;
    }
    if (!call) {
      turn.end('cancelled', 'left: the answer had not told the id to cancel it by', 'close');
      return;
    }
    // The answer's last event ends the turn; a target that never sends one is left.
    const timer = after(this.shared.time, confirmationMs, () =>
      turn.end('cancelled', `${description}, which was not confirmed`, 'close'),
    );
    void turn.done.then(() => timer.cancel());
    if ('message' in call) turn.exchange?.send(call.message);
    else void callOnce(this.shared, call.request, (at) => (turn.record.left!.at = at));
  }

  /** Connects and exchanges the greeting; a failure settles the turn that was waiting for it. */
  private greet(input: TurnInput, turn: Turn): Promise<void> {
    const greeting = this.conversation.greeting!;
    const { dialect, arm } = this.shared;
    const path = dialect.webSocketPath?.(arm.model) ?? '/';
    return new Promise((resolve) => {
      let sent = false;
      let ready = false;
      const observer: ExchangeObserver = {
        onConnected: (timing) => turn.onConnected(timing),
        onWritten: () => {},
        onHead: (head) => turn.onHead(head),
        onFrame: (frame) => {
          turn.record.lastAt = frame.at;
          if (greeting.isReady(frame)) {
            ready = true;
            this.greeted = true;
            exchange.release();
          } else if (!sent) {
            sent = true;
            for (const message of greeting.messages) exchange.send(message);
          } else {
            turn.onFrame(frame); // An error in answer to the greeting ends the turn.
          }
        },
        onEnd: (end: ExchangeEnd) => {
          if (!ready) turn.onEnd(end);
          resolve();
        },
      };
      const exchange = this.channel.start(
        { streamId: input.streamId, method: 'GET', path, messages: [] },
        observer,
      );
      turn.exchange = exchange;
    });
  }

  private account(turn: TurnRecord): void {
    const { record } = this;
    if (record.turns === 1) record.firstTerminalAt = turn.terminalAt;
    record.lastTerminalAt = turn.terminalAt;
    const { ttftMs, e2eMs, maxGapMs } = this.shared.arm.objectives;
    const misses = (limitMs: number | undefined, fromNs: number, toNs: number): boolean =>
      // A missing landmark is NaN, and NaN must not pass: this is why the comparison is negated. Who has left
      // cannot know what would have come.
      limitMs !== undefined &&
      !((toNs - fromNs) / 1e6 <= limitMs) &&
      !(turn.outcome === 'cancelled' && Number.isNaN(toNs));
    if (misses(ttftMs, turn.writtenAt, turn.firstTokenAt)) record.good = false;
    if (misses(e2eMs, turn.writtenAt, turn.terminalAt)) record.good = false;
    if (maxGapMs !== undefined && turn.reading.longestGapMs > maxGapMs) record.good = false;
  }

  private sleep(ms: number): Promise<void> {
    if (ms <= 0 || this.stopped) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = after(this.shared.time, ms, resolve);
      this.wake = () => {
        timer.cancel();
        resolve();
      };
    });
  }
}
