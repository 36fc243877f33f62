/** `leave:`, `reader:` and `price:` of an arm: what they may say, and what they need. */
import { z } from 'zod';
import type { Dialect } from '../dialect/dialect.ts';
import type { Distribution } from '../random/distribution.ts';
import type { TransportName } from '../transport/transport.ts';
import { aboveZero, unitText } from '../settings/unit-text.ts';
import { parseByteRate, parseDuration, parsePercent, parsePrice } from '../settings/units.ts';
import {
  byteCounts,
  counts,
  durations,
  exactlyOneOf,
  parseByteCounts,
  parseCounts,
  parseDurations,
  percent,
  someTime,
} from '../settings/fields.ts';
import type { LeavePlan, PricePlan, ReaderPlan } from './plan.ts';
import type { Path, Problem } from '../settings/problem.ts';

const hows = ['fin', 'rst', 'half_close', 'black_hole', 'ws_close', 'h2_reset', 'cancel'] as const;

export const leaveSchema = z
  .strictObject({
    how: z
      .enum(hows)
      .describe(
        'fin: closes the connection; rst: resets it; half_close: FIN, and keeps reading; black_hole: keeps it and reads nothing more; ws_close: WebSocket close frame; h2_reset: HTTP/2 RST_STREAM; cancel: asks the API to stop, where it has a call for that',
      ),
    code: z.int().optional().describe('Code of the WebSocket close frame (ws_close). Default 1000'),
    after: z
      .strictObject({
        tokens: counts()
          .optional()
          .describe('So many token events have come, e.g. 50 or "uniform(10, 200)"'),
        events: counts().optional().describe('So many events of any kind'),
        bytes: byteCounts()
          .optional()
          .describe('So many bytes of events; leaves behind the event that completes them'),
        time: durations(['20ms', 'lognormal(20ms, 0.5)'])
          .optional()
          .describe('So long after the request was written'),
        last_token: z
          .literal(true)
          .optional()
          .describe('All visible output has come, the terminal event has not'),
      })
      .superRefine(exactlyOneOf('tokens', 'events', 'bytes', 'time', 'last_token'))
      .optional()
      .describe('The moment'),
    before: z
      .enum(['headers', 'first_token'])
      .optional()
      .describe(
        'Not later than when the response headers (or the first token) come. With after: { time: … } at that time if it is earlier; alone: as soon as the request is out (headers), or the answer has begun (first_token)',
      ),
    of: percent()
      .optional()
      .describe('Share of turns that are left, drawn by session and turn. Default 100%'),
    probe: z
      .strictObject({
        slots: z
          .int()
          .positive()
          .max(1000)
          .describe('Answers that the target makes at the same time'),
      })
      .optional()
      .describe(
        'After the load, find out from outside how soon an external target frees the slot of a client that has left: its slots are filled, a further request waits, one client leaves. The target must queue what it cannot serve, and do nothing else meanwhile',
      ),
    // oxlint-disable-next-line unicorn/no-thenable -- a word of the scenario, never a function
    then: z
      .enum(['stay_away', 'resume'])
      .optional()
      .describe(
        'stay_away: the session is over (after `cancel` it continues); resume: comes back for the rest, as `reconnect` says. Default stay_away',
      ),
  })
  .superRefine((spec, context) => {
    const issue = (path: string[], message: string): void =>
      context.addIssue({ code: 'custom', path, message });
    if (!spec.after && !spec.before) issue([], 'after or before is needed');
    if (spec.before && spec.after && spec.after.time === undefined) {
      issue(['after'], 'before goes with after: { time: … } only, or alone');
    }
    if (spec.code !== undefined && spec.how !== 'ws_close') {
      issue(['code'], 'code belongs to how: ws_close');
    }
    if (spec.code !== undefined && !mayBeSent(spec.code)) {
      issue(
        ['code'],
        `${spec.code} may not be sent in a close frame: 1000 to 1003, 1007 to 1014, 3000 to 4999`,
      );
    }
  })
  .describe('The client leaves on purpose, in the middle of an answer; the turn is `cancelled`');

/** RFC 6455, section 7.4. */
function mayBeSent(code: number): boolean {
  return (
    (code >= 1000 && code <= 1003) ||
    (code >= 1007 && code <= 1014) ||
    (code >= 3000 && code <= 4999)
  );
}

export const readerSchema = z
  .strictObject({
    rate: unitText(parseByteRate, { mistake: aboveZero, examples: ['2KB/s'] })
      .optional()
      .describe('Reads so fast on average'),
    pause: z
      .strictObject({
        every: someTime().describe('Reads for so long'),
        length: someTime().describe('then reads nothing for so long, and so on'),
      })
      .optional()
      .describe('Reads with pauses'),
  })
  .superRefine(exactlyOneOf('rate', 'pause'))
  .describe(
    'A client that reads slowly: it leaves bytes in the socket, and TCP holds the server up. The kernel takes some megabytes first',
  );

export const priceSchema = z
  .strictObject({
    output: unitText(parsePrice, { examples: ['10 USD/M'] }).describe(
      'Price of output tokens, per million: "10 USD/M"',
    ),
  })
  .describe('What output tokens cost; reports then say what the wasted ones did');

export type LeaveInput = z.infer<typeof leaveSchema>;
export type ReaderInput = z.infer<typeof readerSchema>;
export type PriceInput = z.infer<typeof priceSchema>;

export function buildLeave(spec: LeaveInput): LeavePlan {
  return {
    how: spec.how,
    code: spec.code ?? 1000,
    moment: momentOf(spec),
    before: spec.before,
    share: spec.of === undefined ? 1 : parsePercent(spec.of),
    resumes: spec.then === 'resume',
    probeSlots: spec.probe?.slots,
  };
}

const atOnce: Distribution = { kind: 'constant', value: 0 };

function momentOf({ after, before }: LeaveInput): LeavePlan['moment'] {
  if (after?.tokens !== undefined) return { kind: 'tokens', count: parseCounts(after.tokens) };
  if (after?.events !== undefined) return { kind: 'events', count: parseCounts(after.events) };
  if (after?.bytes !== undefined) return { kind: 'bytes', count: parseByteCounts(after.bytes) };
  if (after?.time !== undefined) return { kind: 'time', ms: parseDurations(after.time) };
  if (after?.last_token) return { kind: 'last_token' };
  return before === 'headers' ? { kind: 'time', ms: atOnce } : { kind: 'begun' };
}

export function buildReader(spec: ReaderInput): ReaderPlan {
  if (spec.rate !== undefined) return { kind: 'rate', bytesPerSecond: parseByteRate(spec.rate) };
  const { every, length } = spec.pause!;
  return { kind: 'pause', everyMs: parseDuration(every), lengthMs: parseDuration(length) };
}

export function buildPrice(spec: PriceInput): PricePlan {
  const { amount, currency, tokens } = parsePrice(spec.output);
  return { outputPerMillion: (amount * 1e6) / tokens, currency };
}

/** The parts of an arm that leaving depends on. */
export interface LeaveParts {
  dialect: Dialect;
  transport: TransportName;
  via: 'wire' | 'sdk';
  version: '1.1' | '2';
  leave: LeaveInput | undefined;
  reader: ReaderInput | undefined;
  isMock: boolean;
  reconnects: boolean;
}

/** Reports what an arm asks for that its API, transport or client cannot do. */
export function checkLeave(
  parts: LeaveParts,
  report: (problem: Problem, follows?: readonly Path[]) => void,
): void {
  const { via, reader } = parts;
  const follows: Path[] = [['dialect'], ['transport'], ['via'], ['http'], ['reconnect']];
  const wrong = (path: Path, message: string, ...hints: string[]): void =>
    report({ path, code: 'leave-mismatch', message, hints }, follows);
  if (reader && via === 'sdk') {
    wrong(
      ['reader'],
      'the official client reads as fast as it can and cannot be told otherwise',
      'use via: wire in this arm',
    );
  }
  if (!parts.leave) return;
  const why = whyNot(parts, parts.leave);
  if (why) wrong(['leave', 'how'], why.message, why.instead);
  checkMoment(parts, parts.leave, wrong);
  if (parts.leave.probe) checkProbe(parts, parts.leave, wrong);
  if (parts.leave.then === 'resume') checkReturn(parts, parts.leave, wrong);
}

type Wrong = (path: Path, message: string, ...hints: string[]) => void;

function whyNot(
  { dialect, transport, via, version }: LeaveParts,
  { how }: LeaveInput,
): { message: string; instead: string } | undefined {
  const overSocket = transport === 'websocket';
  if (how === 'ws_close' && !overSocket) {
    return {
      message: `${transport} has no close frame`,
      instead: 'use how: fin, or transport: websocket',
    };
  }
  if (how === 'h2_reset' && version !== '2') {
    return {
      message: 'RST_STREAM is HTTP/2’s, and this arm speaks HTTP/1.1',
      instead: 'add http: 2 to the arm, or use how: rst',
    };
  }
  if (how === 'half_close' && version === '2') {
    return {
      message: 'an HTTP/2 request has ended its half of the stream already',
      instead: 'use how: h2_reset, or http: 1.1',
    };
  }
  if (how === 'cancel') return whyNoCancel(dialect);
  const sdkLeaves = overSocket ? 'ws_close' : version === '2' ? 'h2_reset' : 'fin';
  if (via === 'sdk' && how !== sdkLeaves) {
    return {
      message: `the official client leaves in one way only, which here is ${sdkLeaves}`,
      instead: `use how: ${sdkLeaves}, or via: wire`,
    };
  }
  return undefined;
}

/** What more it needs, the dialect says itself. */
function whyNoCancel(dialect: Dialect): { message: string; instead: string } | undefined {
  if (dialect.supports.cancel !== 'none') return undefined;
  return {
    message: `${dialect.name} has no call that cancels an answer`,
    instead: 'leave the connection instead: how: fin',
  };
}

function checkMoment({ transport }: LeaveParts, leave: LeaveInput, wrong: Wrong): void {
  const { after, before } = leave;
  if (transport === 'http' && after?.time === undefined && before !== 'headers') {
    wrong(
      ['leave', after ? 'after' : 'before'],
      'a whole answer (transport: http) has no tokens or events to count',
      'use after: { time: … } or before: headers, or transport: sse',
    );
  }
  if (transport === 'websocket' && before === 'headers') {
    wrong(
      ['leave', 'before'],
      'an answer over a WebSocket has no headers',
      'use before: first_token',
    );
  }
  if (leave.how === 'cancel' && before === 'headers') {
    wrong(
      ['leave', 'before'],
      'an answer cannot be cancelled before it has told its id',
      'use before: first_token',
    );
  }
}

function checkReturn({ reconnects }: LeaveParts, leave: LeaveInput, wrong: Wrong): void {
  if (leave.how === 'cancel') {
    wrong(
      ['leave', 'then'],
      'what was cancelled cannot be resumed',
      'remove then: resume, or leave the connection: how: fin',
    );
  } else if (!reconnects) {
    wrong(
      ['leave', 'then'],
      'coming back needs a policy that says how',
      'add reconnect: { policy: immediate } (or exponential) to this arm',
    );
  }
}

function checkProbe({ isMock }: LeaveParts, { how, then }: LeaveInput, wrong: Wrong): void {
  if (isMock) {
    wrong(
      ['leave', 'probe'],
      'the mock tells itself when it stopped, and a probe would only estimate that',
      'remove probe, or target another server',
    );
  } else if (how === 'cancel') {
    wrong(
      ['leave', 'probe'],
      'here the target reports usage, and two estimates would be mixed',
      'remove probe',
    );
  } else if (then === 'resume') {
    wrong(['leave', 'probe'], 'a client that comes back keeps its slot', 'remove probe, or then');
  }
}
