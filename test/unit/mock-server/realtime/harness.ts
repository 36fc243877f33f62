/** A Realtime session in virtual time, without sockets: events in, events out, exact to the ns. */
import { AudioKeeper } from '../../../../mock-server/apis/realtime/audio/audio-keeper.ts';
import type {
  AnswerRequest,
  AnswerSink,
  RealtimeHost,
  RunningAnswer,
} from '../../../../mock-server/apis/realtime/host.ts';
import {
  RealtimeSession,
  type SessionOptions,
} from '../../../../mock-server/apis/realtime/session.ts';
import type { OutputPlan, PieceKind } from '../../../../mock-server/timing/output-plan.ts';
import { Player } from '../../../../mock-server/timing/player.ts';
import { VirtualScheduler } from '../../../../src/timer/virtual-scheduler.ts';

export interface Sent {
  atMs: number;
  type: string;
  // Tests look into events of every shape.
  // oxlint-disable-next-line typescript/no-explicit-any
  event: any;
}

/** A plan with one piece per entry of `gapsMs`, the first of which is the time to the first. */
export function steadyPlan(
  kind: PieceKind,
  gapsMs: readonly number[],
  more: Partial<OutputPlan> = {},
  tokens = 1,
): OutputPlan {
  let atMs = 0;
  const pieces = gapsMs.map((gap, index) => {
    atMs += gap;
    return { atMs, kind, text: index === 0 ? 'one' : ` w${index}`, tokens, item: 0 };
  });
  return {
    pieces,
    endMs: atMs,
    inputTokens: 1,
    reasoningTokens: 0,
    outputTokens: pieces.length * tokens,
    toolCalls: [],
    finish: 'stop',
    ...more,
  };
}

export interface Harness {
  session: RealtimeSession;
  scheduler: VirtualScheduler;
  sent: Sent[];
  requests: AnswerRequest[];
  /** What the log was told, by response. */
  notes: { sent: number; ended: string | undefined; toolCalls: string[] }[];
  closed: { code: number; reason: string } | undefined;
  terminated: boolean;
  /** Sends a client event. */
  tell(event: unknown): void;
  types(): string[];
  of(type: string): Sent[];
  last(type: string): Sent;
  clear(): void;
}

export interface HarnessOptions extends Partial<
  Pick<SessionOptions, 'type' | 'truth' | 'initial'>
> {
  plan?: (request: AnswerRequest) => OutputPlan;
  lifetimeMs?: number;
  audioKeeper?: AudioKeeper;
}

export function startSession(options: HarnessOptions = {}): Harness {
  const scheduler = new VirtualScheduler(1e9);
  const startNs = scheduler.now();
  const plan = options.plan ?? (() => steadyPlan('content', [100, 20, 20]));
  const harness = {
    scheduler,
    sent: [] as Sent[],
    requests: [] as AnswerRequest[],
    notes: [] as Harness['notes'],
    closed: undefined as Harness['closed'],
    terminated: false,
  };
  const answer = (request: AnswerRequest, sink: AnswerSink): RunningAnswer => {
    harness.requests.push(request);
    const note: Harness['notes'][number] = { sent: 0, ended: undefined, toolCalls: [] };
    harness.notes.push(note);
    const planned = plan(request);
    const player = new Player({
      scheduler,
      plan: planned,
      startNs: scheduler.now(),
      stretch: 1,
      onPiece: (piece, dueNs) => sink.piece(piece, dueNs),
      onEnd: (dueNs) => sink.end(planned.finish, dueNs),
    });
    return {
      toolCalls: planned.toolCalls,
      sent: () => void (note.sent += 1),
      toolCall: (name) => void note.toolCalls.push(name),
      finished: (how) => {
        note.ended ??= how;
        player.stop();
      },
      left: (why) => {
        note.ended ??= why;
        player.stop();
      },
    };
  };
  let ids = 0;
  const host: RealtimeHost = {
    scheduler,
    wallMs: () => 1_700_000_000_000 + (scheduler.now() - startNs) / 1e6,
    msPerAudioToken: 50,
    audioKeeper: options.audioKeeper ?? new AudioKeeper(8 * 1024 * 1024),
    sessionLifetimeMs: options.lifetimeMs ?? 3_600_000,
    newId: (prefix) => `${prefix}_${String(++ids).padStart(8, '0')}`,
    answer,
    rateLimits: () => [{ name: 'requests', limit: 100, remaining: 99, reset_seconds: 0.6 }],
  };
  const session = new RealtimeSession({
    host,
    type: options.type ?? 'realtime',
    model: 'gpt-realtime',
    initial: options.initial,
    truth: options.truth ?? false,
    port: {
      send: (text) => {
        const event = JSON.parse(text) as { type: string };
        harness.sent.push({ atMs: (scheduler.now() - startNs) / 1e6, type: event.type, event });
      },
      close: (code, reason) => void (harness.closed = { code, reason }),
      terminate: () => void (harness.terminated = true),
    },
  });
  session.start();
  return Object.assign(harness, {
    session,
    tell: (event: unknown) => session.receive(JSON.stringify(event)),
    types: () => harness.sent.map((one) => one.type),
    of: (type: string) => harness.sent.filter((one) => one.type === type),
    last: (type: string) => {
      const found = harness.sent.findLast((one) => one.type === type);
      if (!found) throw new Error(`no ${type} among ${harness.sent.map((o) => o.type).join(', ')}`);
      return found;
    },
    clear: () => void (harness.sent.length = 0),
  });
}

export function userText(text: string): unknown {
  return {
    type: 'conversation.item.create',
    item: { type: 'message', role: 'user', content: [{ type: 'input_text', text }] },
  };
}

export function append(bytes: Uint8Array, more: Record<string, unknown> = {}): unknown {
  return {
    type: 'input_audio_buffer.append',
    audio: Buffer.from(bytes).toString('base64'),
    ...more,
  };
}

export function sessionUpdate(session: Record<string, unknown>): unknown {
  return { type: 'session.update', session: { type: 'realtime', ...session } };
}
