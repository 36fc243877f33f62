/** What may be said of a disconnect, and on which ways it can happen. */
import { describe, expect, it } from 'vitest';
import type { FaultWay } from '../../../../../src/fault/definition.ts';
import {
  checkFit,
  describeFault,
  lookInside,
  parseFaults,
} from '../../../../../src/fault/registry.ts';
import { StreamgaugeErrors, messageOf } from '../../../../../src/errors.ts';

const parse = (settings: object) => parseFaults([{ disconnect: settings }]);

/** Messages and hints of what is thrown. */
function problems(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    const errors = error instanceof StreamgaugeErrors ? error.errors : [error];
    return errors
      .map((one) => [messageOf(one), ...((one as { hints?: string[] }).hints ?? [])].join(' | '))
      .join('\n');
  }
  return 'nothing is wrong';
}

describe('settings', () => {
  it.each([
    [{ how: 'fin', after: { tokens: 50 }, of: '10%' }, true],
    [{ how: 'rst', after: { event: 'response.output_text.delta' } }, true],
    [{ how: 'black_hole', before: { event: '[DONE]' } }, true],
    [{ how: 'half_close', after: { last_token: true } }, true],
    [{ how: 'rst', before: 'headers' }, true],
    [{ how: 'rst', inside: 'utf8' }, true],
    [{ how: 'rst', inside: 'blank_line', after: { events: 4 } }, true],
    [{ how: 'ws_close', code: 1012, reason: 'deploy', after: { time: '1s' } }, true],
    [{ how: 'h2_reset', code: 'CANCEL', after: { idle: '1s' } }, true],
    [{ how: 'h2_reset', code: 11, before: 'headers' }, true],
    [{ how: 'cut_chunk', after: { bytes: '1KiB' } }, true],
    [{ how: 'no_final_chunk', of: '5%' }, true],
    [{ how: 'rst', before: 'first_byte' }, false],
    [{ how: 'fin', after: { bytes: '4KiB' }, direction: 'both' }, false],
    [{ how: 'idle_timeout', after: { idle: '60s' } }, false],
  ])('%j is fine; looks inside: %s', (settings, inside) => {
    expect(lookInside(parse(settings))).toBe(inside);
  });

  it.each([
    [{ how: 'rst', after: { tokens: 0 } }, 'after.tokens'],
    [{ how: 'rst', after: { tokens: '5' } }, 'must be a number'],
    [{ how: 'rst', after: { tokens: 5, events: 5 } }, 'exactly one of'],
    [{ how: 'rst', after: { token: 5 } }, 'did you mean "tokens"?'],
    [{ how: 'rst', before: 'first_tokn' }, 'did you mean "first_token"?'],
    [{ how: 'rst', before: { evnt: 'x' } }, 'did you mean "event"?'],
    [{ how: 'rst', after: { tokens: 1 }, before: 'headers' }, 'give after or before, not both'],
    [{ how: 'rst', before: 'headers', inside: 'utf8' }, 'not with before'],
    [{ how: 'rst', after: { bytes: '5B' }, inside: 'utf8' }, 'tokens | events | event'],
    [{ how: 'rst', after: { tokens: 5 }, direction: 'up' }, 'leave it out'],
    [{ how: 'rst', before: 'first_byte', direction: 'up' }, 'leave it out'],
    [{ how: 'h2_reset', after: { bytes: '5B' }, direction: 'down' }, 'leave it out'],
    [{ how: 'no_final_chunk', after: { tokens: 1 } }, 'is its own moment'],
    [{ how: 'ws_close', before: 'headers' }, 'use before: first_event'],
    [{ how: 'ws_close', inside: 'utf8' }, 'use how: fin or rst'],
    [{ how: 'cut_chunk', before: 'headers' }, 'use before: first_event'],
    [{ how: 'h2_reset', before: 'first_byte' }, 'use before: headers'],
    [{ how: 'ws_close', code: 1006, after: { tokens: 1 } }, '1006 is not a code of a close frame'],
    [{ how: 'ws_close', code: 'CANCEL', after: { tokens: 1 } }, 'CANCEL is not a code'],
    [{ how: 'rst', code: 1011, after: { tokens: 1 } }, 'only ws_close and h2_reset have a code'],
    [{ how: 'h2_reset', code: 'CANCLE', after: { tokens: 1 } }, 'did you mean "CANCEL"?'],
    [{ how: 'h2_reset', code: -1, after: { tokens: 1 } }, 'not a 32-bit number'],
    [{ how: 'rst', reason: 'x', after: { tokens: 1 } }, 'only ws_close has a reason'],
    [{ how: 'ws_close', reason: 'ü'.repeat(62), after: { tokens: 1 } }, 'longer than 123 bytes'],
  ])('%j: says what is wrong', (settings, says) => {
    expect(problems(() => parse(settings))).toContain(says);
  });

  it('are told in one line', () => {
    expect(describeFault(parse({ how: 'rst', before: { event: 'x' } })[0]!)).toBe(
      'disconnect how=rst before=event:x',
    );
  });
});

describe('ways on which a disconnect cannot happen', () => {
  const sse: FaultWay = { transport: 'sse', httpVersion: '1.1', mock: true };
  const http2: FaultWay = { transport: 'sse', httpVersion: '2' };
  const websocket: FaultWay = { transport: 'websocket', httpVersion: '1.1' };
  const whole: FaultWay = { transport: 'http', httpVersion: '1.1', mock: true };
  const sealed: FaultWay = { sealed: 'end TLS at the relay' };

  it.each<[object, FaultWay, string]>([
    [{ how: 'ws_close', after: { tokens: 1 } }, sse, 'or transport: websocket'],
    [{ how: 'ws_close', after: { tokens: 1 } }, http2, 'use how: h2_reset'],
    [{ how: 'h2_reset', after: { tokens: 1 } }, sse, 'or http: 2'],
    [{ how: 'h2_reset', after: { tokens: 1 } }, websocket, 'use how: ws_close'],
    [{ how: 'cut_chunk', after: { tokens: 1 } }, websocket, 'use how: ws_close'],
    [{ how: 'no_final_chunk' }, websocket, 'a WebSocket has none'],
    [{ how: 'cut_chunk', after: { tokens: 1 } }, http2, 'use how: h2_reset'],
    [{ how: 'no_final_chunk' }, whole, 'sends a whole answer with its length'],
    [{ how: 'rst', after: { tokens: 1 } }, whole, 'there is no tokens'],
    [{ how: 'rst', before: { event: 'x' } }, whole, 'there is no event'],
    [{ how: 'rst', before: 'first_token' }, whole, 'use after: { bytes: … }'],
    [{ how: 'rst', inside: 'blank_line' }, whole, 'or transport: sse'],
    [{ how: 'rst', inside: 'blank_line' }, websocket, 'use inside: utf8'],
    [{ how: 'rst', inside: 'utf8' }, { ...sse, asciiOnly: true }, 'set mock: { text: unicode }'],
    [{ how: 'rst', after: { tokens: 1 } }, sealed, 'end TLS at the relay'],
    [{ how: 'no_final_chunk' }, sealed, 'after: { bytes | time | idle }'],
  ])('%j: says what can be done instead', (settings, way, says) => {
    expect(problems(() => checkFit(parse(settings), way))).toContain(says);
  });

  it.each<[object, FaultWay]>([
    [{ how: 'ws_close', after: { tokens: 1 } }, websocket],
    [{ how: 'h2_reset', after: { tokens: 1 } }, http2],
    [{ how: 'cut_chunk', after: { tokens: 1 } }, sse],
    [{ how: 'rst', before: 'headers' }, whole],
    [{ how: 'rst', inside: 'utf8' }, whole],
    [{ how: 'cut_chunk', after: { bytes: '9B' } }, { transport: 'http' }],
    [{ how: 'rst', after: { bytes: '9B' } }, sealed],
    [{ how: 'h2_reset', after: { tokens: 1 } }, {}],
  ])('%j: nothing is wrong', (settings, way) => {
    expect(problems(() => checkFit(parse(settings), way))).toBe('nothing is wrong');
  });
});
