/** What a user may say of a disconnect, and what of it goes together. */
import { z } from 'zod';
import { http2ErrorCodes } from '../../../wire/http2-frames.ts';
import { longestReason } from '../../../wire/websocket-frame.ts';
import { where } from '../../direction.ts';
import { byteCount, duration, percent, someTime } from '../../../settings/fields.ts';

const ways = {
  fin: 'closed properly, both sides',
  rst: 'reset, both sides',
  half_close: 'FIN to the target only, the answer continues',
  black_hole: 'no FIN, no RST, nothing passes any more',
  idle_timeout:
    'as a middlebox that forgot the connection: silence, and RST to the side that sends next',
  ws_close: 'a WebSocket close frame with `code` and `reason` to both sides, then FIN',
  h2_reset:
    'RST_STREAM with `code` for one stream of HTTP/2, to both sides; the others on the connection continue',
  cut_chunk: 'within a chunk of HTTP/1.1: its size announced, half of it delivered, then FIN',
  no_final_chunk: 'the whole answer but its final chunk, then FIN; is its own moment',
} as const;

type How = keyof typeof ways;
const hows = Object.keys(ways) as [How, ...How[]];

const count = () => z.int().positive();
const afterKeys = ['bytes', 'tokens', 'events', 'event', 'last_token', 'time', 'idle'] as const;
const eventName = () => z.string().min(1);

export const disconnectSchema = z
  .strictObject({
    kind: z.literal('disconnect'),
    how: z.enum(hows).describe(
      Object.entries(ways)
        .map(([how, text]) => `${how}: ${text}`)
        .join('; '),
    ),
    code: z
      .union([z.int(), z.enum(http2ErrorCodes)])
      .optional()
      .describe(
        'of a close frame (default 1011, internal error) or of RST_STREAM: a number or a name such as CANCEL (default INTERNAL_ERROR)',
      ),
    reason: z.string().optional().describe('text in a close frame, up to 123 bytes'),
    after: z
      .strictObject({
        bytes: byteCount()
          .optional()
          .describe(
            'exactly so many bytes have passed on the connection; with h2_reset, of the stream’s body',
          ),
        tokens: count()
          .optional()
          .describe('so many events that carry tokens have passed; their tokens are not counted'),
        events: count()
          .optional()
          .describe('so many events or WebSocket messages have passed; comments do not count'),
        event: eventName()
          .optional()
          .describe(
            'the first event of this name has passed: its `event` field, the `type` or `object` of its JSON, or [DONE]',
          ),
        last_token: z
          .literal(true)
          .optional()
          .describe('every token has passed, the event that says that the answer is over has not'),
        time: duration(['50ms'])
          .optional()
          .describe(
            'so long after the first byte, while data flows; with h2_reset, after the stream’s headers',
          ),
        idle: someTime(['2s']).optional().describe('nothing has passed for so long'),
      })
      .superRefine((after, context) => {
        if (afterKeys.filter((key) => after[key] !== undefined).length !== 1) {
          context.addIssue({
            code: 'custom',
            message: `exactly one of ${afterKeys.slice(0, -1).join(', ')} and ${afterKeys.at(-1)} is needed`,
          });
        }
      })
      .optional()
      .describe('the moment; or use before'),
    before: z
      .union([
        z.strictObject({
          event: eventName().describe('the first event of this name is there, and does not pass'),
        }),
        z.enum(['first_byte', 'headers', 'first_event', 'first_token']),
      ])
      .optional()
      .describe(
        'what must not pass any more: first_byte of the target on the connection; headers of an answer; first_event or first_token of an answer; or the first event of a name, { event: … }',
      ),
    inside: z
      .enum(['utf8', 'blank_line'])
      .optional()
      .describe(
        'in the middle of a character of several bytes, or between an event and the blank line that ends it; the first such place, or the first after `after: { tokens | events | event }`',
      ),
    of: percent()
      .optional()
      .describe(
        'share that is hit, seeded; default 100%. Of answers (HTTP responses, HTTP/2 streams, WebSocket turns), each drawn for itself; with first_byte, bytes, time and idle of connections',
      ),
    direction: where().describe(
      'whose bytes count, for bytes, time and idle: up, down or both; default down, for idle both',
    ),
  })
  .superRefine((spec, context) => {
    for (const { path, message } of contradictions(spec)) {
      context.addIssue({ code: 'custom', path, message });
    }
  });

export type DisconnectSpec = z.infer<typeof disconnectSchema>;

interface Contradiction {
  path: string[];
  message: string;
}

function contradictions(spec: DisconnectSpec): Contradiction[] {
  return [...momentProblems(spec), ...endingProblems(spec)];
}

function momentProblems({ how, after, before, inside, direction }: DisconnectSpec) {
  const problems: Contradiction[] = [];
  const issue = (path: string[], message: string): void => void problems.push({ path, message });
  const given = [after, before, inside].filter((moment) => moment !== undefined);
  if (how === 'no_final_chunk') {
    if (given.length > 0) {
      issue([], 'no_final_chunk is its own moment; leave after, before and inside out');
    }
  } else if (given.length === 0) issue([], 'after, before or inside is needed');
  else if (after && before !== undefined) issue([], 'give after or before, not both');
  else if (before !== undefined && inside) {
    issue(['inside'], 'inside goes with after, or alone; not with before');
  } else if (after && inside && !(after.tokens ?? after.events ?? after.event)) {
    issue(['inside'], 'inside goes with after: { tokens | events | event }, or alone');
  }
  const counted = after?.bytes ?? after?.time ?? after?.idle;
  if (direction !== undefined && (counted === undefined || how === 'h2_reset')) {
    issue(
      ['direction'],
      'only bytes, time and idle of a connection have a direction; leave it out',
    );
  }
  if (how === 'idle_timeout' && after?.idle === undefined) {
    issue(['after'], 'idle_timeout needs after: { idle: … }, such as 60s');
  }
  return problems;
}

function endingProblems({ how, code, reason, before, inside }: DisconnectSpec) {
  const problems: Contradiction[] = [];
  const issue = (path: string[], message: string): void => void problems.push({ path, message });
  if (before === 'first_byte' && ['ws_close', 'h2_reset', 'cut_chunk'].includes(how)) {
    const instead = how === 'h2_reset' ? 'headers' : 'first_event';
    issue(['before'], `${how} is about an answer, not the connection; use before: ${instead}`);
  }
  if (before === 'headers' && how === 'ws_close') {
    issue(['before'], 'a close frame can only follow the upgrade; use before: first_event');
  }
  if (before === 'headers' && how === 'cut_chunk') {
    issue(['before'], 'chunks come after the headers; use before: first_event');
  }
  if (inside && how === 'ws_close') {
    issue(['inside'], 'a close frame stands between frames, not in one; use how: fin or rst');
  }
  if (code !== undefined) {
    if (how === 'ws_close') {
      if (typeof code === 'string' || !isCloseCode(code)) {
        issue(
          ['code'],
          `${code} is not a code of a close frame: 1000 to 1003, 1007 to 1014, 3000 to 4999`,
        );
      }
    } else if (how !== 'h2_reset') issue(['code'], 'only ws_close and h2_reset have a code');
    else if (typeof code === 'number' && (code < 0 || code > 0xff_ff_ff_ff)) {
      issue(['code'], `${code} is not a 32-bit number`);
    }
  }
  if (reason !== undefined) {
    if (how !== 'ws_close') issue(['reason'], 'only ws_close has a reason');
    else if (Buffer.byteLength(reason) > longestReason) {
      issue(['reason'], `the reason is longer than ${longestReason} bytes`);
    }
  }
  return problems;
}

/** What an endpoint may send (RFC 6455, section 7.4, and the registry of its codes). */
function isCloseCode(code: number): boolean {
  return (
    (code >= 1000 && code <= 1003) ||
    (code >= 1007 && code <= 1014) ||
    (code >= 3000 && code <= 4999)
  );
}

/** Whether the relay must read what passes; the rest also works through TLS. */
export function looksInside({ how, after, before, inside }: DisconnectSpec): boolean {
  return (
    ['ws_close', 'h2_reset', 'cut_chunk', 'no_final_chunk'].includes(how) ||
    inside !== undefined ||
    (before !== undefined && before !== 'first_byte') ||
    (after?.tokens ?? after?.events ?? after?.event ?? after?.last_token) !== undefined
  );
}
