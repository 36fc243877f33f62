/** `leave:`, `reader:` and `price:`: what is understood, what is refused and with which advice. */
import { describe, expect, it } from 'vitest';
import { describeClient } from '../../../src/scenario/describe.ts';
import { load, minimal, mistakes } from '../../helpers/scenario.ts';

const planOf = (...lines: string[]) => load([minimal, ...lines].join('\n')).arms[0]!;

describe('leave', () => {
  it('is read with its moment, its share and its defaults', () => {
    expect(planOf('leave: { how: rst, after: { tokens: 50 } }').leave).toEqual({
      how: 'rst',
      code: 1000,
      moment: { kind: 'tokens', count: { kind: 'constant', value: 50 } },
      before: undefined,
      share: 1,
      resumes: false,
      probeSlots: undefined,
    });
    expect(planOf('leave: { how: fin, after: { bytes: 4KiB }, of: 25% }').leave).toMatchObject({
      moment: { kind: 'bytes', count: { value: 4096 } },
      share: 0.25,
    });
    expect(planOf('leave: { how: fin, before: first_token }').leave).toMatchObject({
      moment: { kind: 'begun' },
      before: 'first_token',
    });
    expect(planOf('leave: { how: fin, before: headers }').leave).toMatchObject({
      moment: { kind: 'time', ms: { value: 0 } },
      before: 'headers',
    });
    expect(planOf('leave: { how: fin, after: { last_token: true } }').leave).toMatchObject({
      moment: { kind: 'last_token' },
    });
    const closing = ['dialect: openai-responses', 'transport: websocket'];
    expect(
      planOf(...closing, 'leave: { how: ws_close, code: 4001, after: { time: 2s } }').leave,
    ).toMatchObject({ code: 4001, moment: { kind: 'time', ms: { value: 2000 } } });
  });

  it('is undefined where no client leaves', () => {
    const arm = planOf();
    expect([arm.leave, arm.reader, arm.price]).toEqual([undefined, undefined, undefined]);
    expect(describeClient(arm)).toBe('');
  });

  it('is told in one phrase', () => {
    const leaves = (text: string): string => describeClient(planOf(`leave: { ${text} }`));
    expect(leaves('how: fin, after: { tokens: "uniform(10, 200)" }, of: 30%')).toBe(
      'leaves 30 % of turns by fin after uniform(10, 200) tokens',
    );
    expect(leaves('how: rst, before: first_token')).toBe(
      'leaves every turn by rst when the answer has begun, before the first token',
    );
    expect(describeClient(planOf('reader: { rate: 2KB/s }'))).toBe('reads at 2 kB/s');
    expect(describeClient(planOf('reader: { pause: { every: 1s, length: 500ms } }'))).toBe(
      'reads for 1 s, then pauses for 500 ms',
    );
  });
});

const tokens = 'after: { tokens: 5 }';
const websocket = ['dialect: openai-responses', 'transport: websocket'];
describe.each<[what: string, lines: string[], message: RegExp, hint: RegExp]>([
  [
    'a close frame on SSE',
    [`leave: { how: ws_close, ${tokens} }`],
    /sse has no close frame/,
    /how: fin/,
  ],
  [
    'a stream reset on HTTP/1.1',
    [`leave: { how: h2_reset, ${tokens} }`],
    /RST_STREAM is HTTP\/2/,
    /http: 2/,
  ],
  [
    'a half-close of HTTP/2',
    ['http: 2', `leave: { how: half_close, ${tokens} }`],
    /has ended its half/,
    /h2_reset/,
  ],
  [
    'cancelling a chat',
    [`leave: { how: cancel, ${tokens} }`],
    /openai-chat has no call/,
    /how: fin/,
  ],
  [
    'cancelling a response in the foreground',
    ['dialect: openai-responses', `leave: { how: cancel, ${tokens} }`],
    /only what it makes in the background/,
    /background: true/,
  ],
  [
    'cancelling a response over WebSocket',
    [...websocket, `leave: { how: cancel, ${tokens} }`],
    /only what it makes in the background/,
    /transport: sse/,
  ],
  [
    'an RST by the official client',
    ['via: sdk', `leave: { how: rst, ${tokens} }`],
    /leaves in one way only, which here is fin/,
    /via: wire/,
  ],
  [
    'counting tokens of a whole answer',
    ['transport: http', `leave: { how: fin, ${tokens} }`],
    /has no tokens or events to count/,
    /time/,
  ],
  [
    'headers of a WebSocket answer',
    [...websocket, 'leave: { how: fin, before: headers }'],
    /has no headers/,
    /first_token/,
  ],
  [
    'cancelling what has no id yet',
    ['dialect: openai-realtime', 'leave: { how: cancel, before: headers }'],
    /before it has told its id|has no headers/,
    /first_token/,
  ],
  [
    'coming back without a policy',
    [`leave: { how: fin, ${tokens}, then: resume }`],
    /needs a policy/,
    /reconnect/,
  ],
  [
    'coming back for what was cancelled',
    ['dialect: openai-realtime', `leave: { how: cancel, ${tokens}, then: resume }`],
    /cannot be resumed/,
    /remove then/,
  ],
  [
    'probing the mock',
    [`leave: { how: fin, ${tokens}, probe: { slots: 4 } }`],
    /the mock tells itself/,
    /remove probe/,
  ],
  [
    'a slow official client',
    ['via: sdk', 'reader: { rate: 2KB/s }'],
    /as fast as it can/,
    /via: wire/,
  ],
])('%s', (_, lines, message, hint) => {
  it('is refused, with the alternative', () => {
    const found = mistakes([minimal, ...lines].join('\n'));
    expect(found.map((error) => error.message).join('\n')).toMatch(message);
    expect(found.flatMap((error) => error.hints).join('\n')).toMatch(hint);
    expect(found.every(({ place }) => place !== undefined)).toBe(true);
  });
});

it.each<[string, RegExp]>([
  ['leave: { how: fin }', /after or before is needed/],
  ['leave: { how: fin, after: {} }', /one of tokens, events, bytes, time or last_token/],
  ['leave: { how: fin, after: { tokens: 3, events: 4 } }', /only one of/],
  ['leave: { how: fin, before: headers, after: { tokens: 3 } }', /before goes with after: { time/],
  ['leave: { how: fin, code: 1000, after: { tokens: 3 } }', /code belongs to how: ws_close/],
  ['leave: { how: fin, after: { bytes: 300 } }', /300/],
  ['leave: { how: fin, after: { tokens: 3 }, of: 130% }', /between 0% and 100%/],
  ['reader: { rate: 2KB }', /not a rate of bytes/],
  ['reader: { rate: 0B/s }', /above 0/],
  ['reader: { rate: 1KB/s, pause: { every: 1s, length: 1s } }', /only one of rate or pause/],
  ['price: { output: 10 }', /price/],
  ['price: { output: "10 dollars" }', /not a price such as 10 USD\/M/],
])('%s is a mistake that says what would do', (line, message) => {
  const found = mistakes([minimal, line].join('\n'));
  expect(found.map((error) => error.message).join('\n')).toMatch(message);
});

it('a close code that may not be sent is refused', () => {
  const found = mistakes(
    [minimal, ...websocket, 'leave: { how: ws_close, code: 1006, after: { tokens: 5 } }'].join(
      '\n',
    ),
  );
  expect(found[0]!.message).toMatch(/1006 may not be sent/);
});

it('a price is per million tokens', () => {
  expect(planOf('price: { output: 0.6 EUR/M }').price).toEqual({
    outputPerMillion: 0.6,
    currency: 'EUR',
  });
});
