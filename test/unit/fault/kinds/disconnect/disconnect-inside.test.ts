/** Disconnects that look inside, on virtual connections: each moment's exact byte, each ending's bytes. */
import { describe, expect, it } from 'vitest';
import { eventKindReader } from '../../../../../src/dialect/event-kind-readers.ts';
import { makeFaults, parseFaults } from '../../../../../src/fault/registry.ts';
import { frameTypes, rstStream, windowUpdate } from '../../../../../src/wire/http2-frames.ts';
import { VirtualConnection } from '../../../../helpers/fault-path.ts';
import {
  chatEvents,
  chunk,
  clientMessage,
  h2Frame,
  h2Requests,
  request,
  response,
  responseMessages,
  serverMessage,
  upgrade,
  upgraded,
  type Framing,
} from '../../../../helpers/wire-samples.ts';

const down = 'target_to_client';
const up = 'client_to_target';
const environment = {
  readText: () => '',
  baseDirectory: '/',
  eventKind: eventKindReader(undefined),
};

function connect(settings: object, seed = 'test') {
  const faults = makeFaults(parseFaults([{ disconnect: settings }]), environment);
  return Object.assign(new VirtualConnection(faults, { seed }), { fault: faults[0]! });
}

/** What the client got of an answer. */
function cut(settings: object, wire: Buffer, ask = request): string {
  const connection = connect(settings);
  connection.up.write(ask);
  connection.down.write(wire);
  expect(connection.fault.fired).toBe(connection.endings.length);
  return Buffer.from(connection.bytes(down)).toString();
}

const texts = ['Hel', 'lo', ' wörld'];
const events = chatEvents(texts);
const head = (framing: Framing): string =>
  response(events, framing).toString().split('\r\n\r\n')[0]! + '\r\n\r\n';
/** So many of the events, as they are in an answer of this framing. */
const passed = (framing: Framing, count: number): string =>
  head(framing) +
  events
    .slice(0, count)
    .map((event) => (framing === 'chunked' ? chunk(Buffer.from(event)).toString() : event))
    .join('');

describe.each(['chunked', 'length', 'close'] as const)('in a response framed by %s', (framing) => {
  const wire = response(events, framing);
  it.each([
    ['before its headers', { before: 'headers' }, ''],
    ['before its first event', { before: 'first_event' }, passed(framing, 0)],
    ['before its first token', { before: 'first_token' }, passed(framing, 1)],
    ['after one event', { after: { events: 1 } }, passed(framing, 1)],
    ['after one token', { after: { tokens: 1 } }, passed(framing, 2)],
    ['after three tokens', { after: { tokens: 3 } }, passed(framing, 4)],
    ['after the last token', { after: { last_token: true } }, passed(framing, 4)],
    ['before an event', { before: { event: '[DONE]' } }, passed(framing, 6)],
    ['after an event', { after: { event: 'chat.completion.chunk' } }, passed(framing, 1)],
    ['after the last event', { after: { event: '[DONE]' } }, passed(framing, 7)],
  ])('comes %s', (_, moment, expected) => {
    expect(cut({ how: 'fin', ...moment }, wire)).toBe(expected);
  });

  it('comes inside a character of several bytes', () => {
    const connection = connect({ how: 'rst', inside: 'utf8' });
    connection.up.write(request);
    connection.down.write(wire);
    const got = Buffer.from(connection.bytes(down));
    expect(got.equals(wire.subarray(0, wire.indexOf('ö') + 1))).toBe(true);
    expect(connection.endings).toEqual([{ atMs: 0, how: 'rst' }]);
  });

  it('comes inside a blank line, also a certain one', () => {
    const between = (count: number): string => {
      const whole = wire.indexOf(events[count - 1]!) + Buffer.byteLength(events[count - 1]!);
      return wire.subarray(0, whole - 1).toString();
    };
    expect(cut({ how: 'fin', inside: 'blank_line' }, wire)).toBe(between(1));
    expect(cut({ how: 'fin', inside: 'blank_line', after: { tokens: 2 } }, wire)).toBe(between(4));
  });

  it('passes everything where the moment does not come', () => {
    for (const moment of [
      { after: { tokens: 4 } },
      { before: { event: 'response.completed' } },
      { after: { events: 8 } },
    ]) {
      const connection = connect({ how: 'rst', ...moment });
      connection.up.write(request);
      connection.down.write(wire);
      connection.down.end();
      expect(Buffer.from(connection.bytes(down)).equals(wire)).toBe(true);
      expect([connection.endings, connection.fault.fired]).toEqual([[], 0]);
    }
  });
});

describe('what is held for a moment', () => {
  it('is at most the event that may bring it, and only until that is known', () => {
    const connection = connect({ how: 'fin', before: { event: '[DONE]' } });
    connection.up.write(request);
    const wire = response(events);
    const inFirst = head('chunked').length + 40;
    connection.down.write(wire.subarray(0, inFirst));
    expect(connection.bytes(down)).toHaveLength(head('chunked').length);
    connection.down.write(wire.subarray(inFirst, passed('chunked', 1).length));
    expect(Buffer.from(connection.bytes(down)).toString()).toBe(passed('chunked', 1));
  });

  it('is at most 32 KiB of an event, which then is what its beginning says', () => {
    const long = `data: ${JSON.stringify({ type: 'response.output_text.delta', delta: 'x'.repeat(100_000) })}\n\n`;
    const wire = response([long, 'data: {"type":"response.completed"}\n\n'], 'length');
    const connection = connect({ how: 'fin', before: { event: 'response.completed' } });
    connection.up.write(request);
    for (let at = 0; at < wire.length; at += 1000) {
      connection.down.write(wire.subarray(at, at + 1000));
      expect(connection.down.held).toBeLessThanOrEqual(33 * 1024);
    }
    expect(connection.bytes(down)).toHaveLength(wire.indexOf(long) + long.length);
    for (const step of [1000, 40_000, wire.length]) {
      const before = connect({ how: 'fin', before: { event: 'response.output_text.delta' } });
      before.up.write(request);
      for (let at = 0; at < wire.length; at += step)
        before.down.write(wire.subarray(at, at + step));
      expect(before.bytes(down)).toHaveLength(wire.indexOf(long));
    }
  });

  it('is given on where the target ends in the middle of an event', () => {
    const connection = connect({ how: 'fin', before: 'first_token' });
    const wire = response(events).subarray(0, -60);
    const started = head('chunked').length + 30;
    connection.up.write(request);
    connection.down.write(wire.subarray(0, started));
    connection.down.end();
    expect(connection.bytes(down)).toHaveLength(started);
    expect(connection.ends[down]).toEqual([0]);
  });

  it('is nothing for moments that come behind their event', () => {
    const connection = connect({ how: 'fin', after: { tokens: 3 } });
    connection.up.write(request);
    const wire = response(events);
    for (let at = 1; at < passed('chunked', 4).length; at++) {
      connection.down.write(wire.subarray(at - 1, at));
      expect(connection.down.held).toBe(0);
    }
  });
});

describe('several answers on one connection', () => {
  it('are each counted for themselves', () => {
    const connection = connect({ how: 'rst', after: { tokens: 3 } });
    const short = response(chatEvents(['a', 'b']));
    for (let turn = 0; turn < 3; turn++) {
      connection.up.write(request);
      connection.down.write(short);
    }
    expect(connection.endings).toEqual([]);
    connection.up.write(request);
    connection.down.write(response(events));
    expect(connection.bytes(down)).toHaveLength(
      3 * short.length + Buffer.byteLength(passed('chunked', 4)),
    );
    expect(connection.endings).toEqual([{ atMs: 0, how: 'rst' }]);
  });

  it('are drawn each for itself, the same ones each time', () => {
    const survived = (seed: string): number => {
      const connection = connect({ how: 'rst', after: { tokens: 1 }, of: '25%' }, seed);
      let answers = 0;
      for (; connection.endings.length === 0 && answers < 100; answers++) {
        connection.up.write(request);
        connection.down.write(response(events));
      }
      return answers;
    };
    const counts = Array.from({ length: 200 }, (_, i) => survived(`s${i}`));
    expect(Array.from({ length: 200 }, (_, i) => survived(`s${i}`))).toEqual(counts);
    // Geometric with mean 4; a standard error of 0.25.
    const mean = counts.reduce((sum, count) => sum + count, 0) / counts.length;
    expect(mean).toBeGreaterThan(2.8);
    expect(mean).toBeLessThan(5.2);
  });

  it('knows a response without a body, and one to HEAD', () => {
    const connection = connect({ how: 'fin', after: { events: 2 } });
    connection.up.write(Buffer.from('HEAD / HTTP/1.1\r\nhost: a\r\n\r\n'));
    connection.down.write(Buffer.from('HTTP/1.1 200 OK\r\ncontent-length: 500\r\n\r\n'));
    connection.up.write(request);
    connection.down.write(
      Buffer.concat([Buffer.from('HTTP/1.1 100 Continue\r\n\r\n'), response(events)]),
    );
    expect(Buffer.from(connection.bytes(down)).toString().endsWith(passed('chunked', 2))).toBe(
      true,
    );
    expect(connection.endings).toHaveLength(1);
  });
});

it('leaves other protocols alone, and finds nothing in compressed bodies', () => {
  const other = connect({ how: 'rst', after: { events: 1 } });
  other.down.write(Buffer.from('220 mail.test ESMTP\r\n'));
  other.up.write(Buffer.from('EHLO me\r\n\r\n'));
  other.down.write(Buffer.from('data: x\n\ndata: x\n\n'));
  expect(other.bytes(down)).toHaveLength(39);
  expect(other.bytes(up)).toHaveLength(11);
  const zipped = connect({ how: 'rst', after: { events: 1 } });
  zipped.up.write(request);
  const wire = Buffer.from(
    response(events, 'length')
      .toString()
      .replace('content-type', 'content-encoding: gzip\r\ncontent-type'),
  );
  zipped.down.write(wire);
  expect(zipped.bytes(down)).toHaveLength(wire.length);
  expect([other.endings, zipped.endings]).toEqual([[], []]);
});

describe('chunks', () => {
  const wire = response(events);

  it('cut_chunk: half of the next chunk’s data, its size announced', () => {
    const got = cut({ how: 'cut_chunk', after: { tokens: 1 } }, wire);
    const next = Buffer.from(events[2]!);
    const half = next.subarray(0, Math.floor(next.length / 2)).toString();
    expect(got).toBe(`${passed('chunked', 2)}${next.length.toString(16)}\r\n${half}`);
  });

  it('cut_chunk: where the moment lies inside a chunk, there', () => {
    const one = response([events.join('')]);
    const size = Buffer.byteLength(events.join('')).toString(16);
    expect(cut({ how: 'cut_chunk', after: { tokens: 2 } }, one)).toBe(
      `${head('chunked')}${size}\r\n${events.slice(0, 3).join('')}`,
    );
  });

  it('cut_chunk: before the event itself, in its chunk', () => {
    const got = cut({ how: 'cut_chunk', before: { event: '[DONE]' } }, wire);
    expect(got).toBe(`${passed('chunked', 6)}e\r\ndata: [`);
  });

  it('cut_chunk: after bytes and times, in the chunk then', () => {
    const inHead = 20;
    const first = Buffer.byteLength(events[0]!);
    const got = cut({ how: 'cut_chunk', after: { bytes: `${inHead}B` } }, wire);
    expect(got).toBe(
      `${head('chunked')}${first.toString(16)}\r\n${events[0]!.slice(0, Math.floor(first / 2))}`,
    );
    const timed = connect({ how: 'cut_chunk', after: { time: '50ms' } });
    timed.up.write(request);
    const at = passed('chunked', 3).length;
    timed.down.write(wire.subarray(0, at));
    timed.scheduler.advanceMs(60);
    expect(timed.endings).toEqual([]);
    timed.down.write(wire.subarray(at));
    const next = Buffer.byteLength(events[3]!);
    expect(timed.bytes(down)).toHaveLength(at + 4 + Math.floor(next / 2));
    expect(timed.endings).toEqual([{ atMs: 60, how: 'fin' }]);
  });

  it('no_final_chunk: everything but the last five bytes, then FIN', () => {
    for (const step of [1, 7, wire.length]) {
      const connection = connect({ how: 'no_final_chunk' });
      connection.up.write(request);
      for (let at = 0; at < wire.length; at += step) {
        connection.down.write(wire.subarray(at, at + step));
      }
      expect(connection.bytes(down)).toHaveLength(wire.length - 5);
      expect(connection.endings).toEqual([{ atMs: 0, how: 'fin' }]);
      expect(connection.ends[down]).toEqual([0]);
    }
  });

  it.each(['cut_chunk', 'no_final_chunk'])('%s finds no chunk in a body with a length', (how) => {
    const moment = how === 'cut_chunk' ? { after: { tokens: 1 } } : {};
    expect(cut({ how, ...moment }, response(events, 'length'))).toBe(
      response(events, 'length').toString(),
    );
  });
});

describe('the other endings at a moment inside', () => {
  it.each(['fin', 'rst', 'black_hole'] as const)('%s', (how) => {
    const connection = connect({ how, after: { tokens: 2 } });
    connection.up.write(request);
    connection.down.write(response(events));
    connection.up.write(request);
    expect(Buffer.from(connection.bytes(down)).toString()).toBe(passed('chunked', 3));
    expect(connection.endings).toEqual([{ atMs: 0, how }]);
    expect(connection.ends[down]).toEqual(how === 'black_hole' ? [] : [0]);
    expect(connection.down.held).toBe(0);
  });

  it('half_close: the answer continues to its end', () => {
    const connection = connect({ how: 'half_close', before: 'first_token' });
    connection.up.write(request);
    connection.down.write(response(events));
    expect(Buffer.from(connection.bytes(down)).equals(response(events))).toBe(true);
    expect(connection.ends).toEqual({ [up]: [0], [down]: [] });
  });
});

describe('WebSocket', () => {
  const messages = responseMessages(texts);
  const frames = messages.map(serverMessage);
  const open = (settings: object) => {
    const connection = connect(settings);
    connection.up.write(upgrade);
    connection.down.write(upgraded);
    connection.up.write(clientMessage('{"type":"response.create"}'));
    return connection;
  };
  const upBytes = (connection: VirtualConnection): Buffer => Buffer.from(connection.bytes(up));
  const frameBytes = (count: number): Buffer =>
    Buffer.concat([upgraded, ...frames.slice(0, count)]);

  it.each([
    ['before the first token', { before: 'first_token' }, 1],
    ['before the first event', { before: 'first_event' }, 0],
    ['after two tokens', { after: { tokens: 2 } }, 3],
    ['after an event', { after: { event: 'response.created' } }, 1],
    ['before an event', { before: { event: 'response.output_text.done' } }, 4],
    ['after the last token', { after: { last_token: true } }, 5],
  ])('ends %s, between frames', (_, moment, count) => {
    for (const how of ['fin', 'ws_close']) {
      const connection = open({ how, ...moment });
      for (const frame of frames) connection.down.write(frame);
      const got = Buffer.from(connection.bytes(down));
      const closed = how === 'fin' ? Buffer.alloc(0) : Buffer.from([0x88, 2, 3, 0xf3]);
      expect(got.equals(Buffer.concat([frameBytes(count), closed])), how).toBe(true);
      expect(connection.endings).toEqual([{ atMs: 0, how }]);
    }
  });

  it('ws_close: a close frame to both sides, to the target masked, then FIN', () => {
    const connection = open({ how: 'ws_close', code: 1012, reason: 'bye', after: { events: 1 } });
    const before = upBytes(connection).length;
    connection.down.write(frames[0]!);
    const toTarget = upBytes(connection).subarray(before);
    expect(toTarget).toHaveLength(2 + 4 + 5);
    expect([toTarget[0], toTarget[1]]).toEqual([0x88, 0x80 | 5]);
    const plain = Buffer.from(toTarget.subarray(6).map((byte, i) => byte ^ toTarget[2 + (i & 3)]!));
    expect([plain.readUInt16BE(0), plain.subarray(2).toString()]).toEqual([1012, 'bye']);
    expect(connection.ends).toEqual({ [up]: [0], [down]: [0] });
    expect([connection.up.held, connection.down.held, connection.timers]).toEqual([0, 0, 0]);
  });

  it('ws_close: after bytes and times at the next frame’s end', () => {
    const bytes = open({ how: 'ws_close', after: { bytes: `${upgraded.length + 5}B` } });
    for (const frame of frames) bytes.down.write(frame);
    expect(bytes.bytes(down)).toHaveLength(frameBytes(1).length + 4);
    const time = open({ how: 'ws_close', after: { time: '10ms' } });
    time.down.write(frames[0]!.subarray(0, 9));
    time.scheduler.advanceMs(20);
    expect(time.endings).toEqual([]);
    time.down.write(frames[0]!.subarray(9));
    expect(time.endings).toEqual([{ atMs: 20, how: 'ws_close' }]);
    const idle = open({ how: 'ws_close', after: { idle: '60s' } });
    idle.down.write(frames[0]!);
    idle.scheduler.advanceMs(60_000);
    expect(idle.endings).toEqual([{ atMs: 60_000, how: 'ws_close' }]);
    expect(idle.bytes(down)).toHaveLength(frameBytes(1).length + 4);
  });

  it('ws_close: after silence of the direction that is meant, whatever the other one says', () => {
    const settings = { how: 'ws_close', after: { idle: '60s' }, direction: 'down' };
    const connection = open(settings);
    connection.down.write(frames[0]!);
    connection.scheduler.advanceMs(50_000);
    connection.up.write(clientMessage('{}'));
    connection.scheduler.advanceMs(10_000);
    expect(connection.endings).toEqual([{ atMs: 60_000, how: 'ws_close' }]);
  });

  it('ws_close: waits until the client’s frame is whole, but not forever', () => {
    const connection = open({ how: 'ws_close', after: { events: 1 } });
    const mine = clientMessage('{"type":"ping"}');
    connection.up.write(mine.subarray(0, 8));
    connection.down.write(frames[0]!);
    const before = upBytes(connection).length;
    connection.up.write(Buffer.concat([mine.subarray(8), clientMessage('{}')]));
    // The rest of the frame, and a close frame of 2 + 4 + 2 bytes.
    expect(upBytes(connection)).toHaveLength(before + mine.length - 8 + 8);
    expect(connection.ends[up]).toEqual([0]);
    const stuck = open({ how: 'ws_close', after: { events: 1 } });
    stuck.up.write(mine.subarray(0, 8));
    stuck.down.write(frames[0]!);
    expect(stuck.endings).toEqual([]);
    stuck.scheduler.advanceMs(2000);
    expect(stuck.endings).toEqual([{ atMs: 2000, how: 'ws_close' }]);
  });

  it('counts turns each for itself', () => {
    const connection = open({ how: 'ws_close', after: { tokens: 3 } });
    const short = responseMessages(['a', 'b']).map(serverMessage);
    for (let turn = 0; turn < 3; turn++) for (const frame of short) connection.down.write(frame);
    expect(connection.endings).toEqual([]);
    for (const frame of frames) connection.down.write(frame);
    const turns = Buffer.concat(short).length * 3;
    expect(connection.bytes(down)).toHaveLength(turns + frameBytes(4).length + 4);
  });

  it('ends inside a character within a frame', () => {
    const connection = open({ how: 'fin', inside: 'utf8' });
    const wire = Buffer.concat(frames);
    connection.down.write(wire);
    const got = Buffer.from(connection.bytes(down)).subarray(upgraded.length);
    expect(got.equals(wire.subarray(0, wire.indexOf('ö') + 1))).toBe(true);
  });

  it('counts a compressed message as an event, and finds no token in it', () => {
    const compressed = Buffer.from(frames[1]!);
    compressed[0]! |= 0x40;
    const events = open({ how: 'ws_close', after: { events: 2 } });
    const tokens = open({ how: 'ws_close', after: { tokens: 1 } });
    for (const connection of [events, tokens]) {
      connection.down.write(compressed);
      connection.down.write(compressed);
    }
    expect([events.endings.length, tokens.endings.length]).toEqual([1, 0]);
  });

  it('does not close what was not upgraded', () => {
    const connection = connect({ how: 'ws_close', after: { events: 1 } });
    connection.up.write(request);
    connection.down.write(response(events));
    expect(connection.bytes(down)).toHaveLength(response(events).length);
    expect(connection.fault.fired).toBe(0);
  });
});

describe('HTTP/2', () => {
  const { data, headers } = frameTypes;
  const startOf = (stream: number): Buffer => h2Frame(headers, 4, stream, Buffer.from('200'));
  const dataOf = (stream: number, text: string, flags = 0): Buffer =>
    h2Frame(data, flags, stream, Buffer.from(text));
  const open = (settings: object) => {
    const connection = connect(settings);
    connection.up.write(h2Requests(1, 3));
    connection.down.write(
      Buffer.concat([h2Frame(4, 0, 0, Buffer.alloc(0)), startOf(1), startOf(3)]),
    );
    return connection;
  };
  const after = (connection: VirtualConnection, from: number): Buffer =>
    Buffer.from(connection.bytes(down)).subarray(from);
  const started = open({ how: 'fin', after: { tokens: 9 } }).bytes(down).length;

  it('h2_reset: one stream ends on both sides, the other continues, windows are given back', () => {
    const connection = open({ how: 'h2_reset', code: 'CANCEL', after: { tokens: 2 }, of: '100%' });
    const sent = connection.bytes(up).length;
    for (const event of events.slice(0, 3)) connection.down.write(dataOf(1, event));
    const late = dataOf(1, events[3]!);
    connection.down.write(late);
    connection.down.write(dataOf(3, events[0]!));
    const trailers = h2Frame(headers, 5, 1, Buffer.from('trailers'));
    connection.down.write(trailers);
    const expected = Buffer.concat([
      ...events.slice(0, 3).map((event) => dataOf(1, event)),
      rstStream(1, 8),
      dataOf(3, events[0]!),
      trailers,
    ]);
    expect(after(connection, started).equals(expected)).toBe(true);
    const toTarget = Buffer.from(connection.bytes(up)).subarray(sent);
    const given = windowUpdate(0, late.length - 9);
    expect(toTarget.equals(Buffer.concat([rstStream(1, 8), given]))).toBe(true);
    expect([connection.endings, connection.fault.fired]).toEqual([[], 1]);
    expect([connection.up.held, connection.down.held]).toEqual([0, 0]);
    // What the client still says of the stream stays here; of the other it passes.
    connection.up.write(Buffer.concat([rstStream(1, 8), windowUpdate(1, 5), windowUpdate(3, 5)]));
    expect(
      Buffer.from(connection.bytes(up))
        .subarray(sent + toTarget.length)
        .equals(Buffer.from(windowUpdate(3, 5))),
    ).toBe(true);
  });

  it('h2_reset: inside a DATA frame, which is made shorter', () => {
    const connection = open({ how: 'h2_reset', after: { tokens: 1 } });
    const sent = connection.bytes(up).length;
    const all = events.join('');
    const wire = dataOf(1, all, 1);
    for (let at = 0; at < wire.length; at += 50) connection.down.write(wire.subarray(at, at + 50));
    const kept = events.slice(0, 2).join('');
    expect(
      after(connection, started).equals(Buffer.concat([dataOf(1, kept), rstStream(1, 2)])),
    ).toBe(true);
    const rest = Buffer.byteLength(all) - kept.length;
    expect(
      Buffer.from(connection.bytes(up))
        .subarray(sent)
        .equals(Buffer.concat([rstStream(1, 2), windowUpdate(0, rest)])),
    ).toBe(true);
  });

  it('h2_reset: before the headers, whose block still reaches the client’s table', () => {
    const connection = connect({ how: 'h2_reset', before: 'headers' });
    connection.up.write(h2Requests(1));
    connection.down.write(Buffer.concat([startOf(1), dataOf(1, 'data: x\n\n')]));
    expect(after(connection, 0).equals(Buffer.concat([rstStream(1, 2), startOf(1)]))).toBe(true);
  });

  it('h2_reset: not within a block of headers', () => {
    const connection = connect({ how: 'h2_reset', before: 'headers' });
    connection.up.write(h2Requests(1));
    const open1 = h2Frame(headers, 0, 1, Buffer.from('20'));
    const rest = h2Frame(frameTypes.continuation, 4, 1, Buffer.from('0'));
    connection.down.write(Buffer.concat([open1, rest]));
    expect(after(connection, 0).equals(Buffer.concat([rstStream(1, 2), open1, rest]))).toBe(true);
  });

  it('h2_reset: after bytes of its body, times and silences of its own', () => {
    const bytes = open({ how: 'h2_reset', after: { bytes: '7B' } });
    bytes.down.write(dataOf(3, 'abc'));
    bytes.down.write(dataOf(1, 'abcdefghij'));
    expect(
      after(bytes, started).equals(
        Buffer.concat([dataOf(3, 'abc'), dataOf(1, 'abcdefg'), rstStream(1, 2)]),
      ),
    ).toBe(true);
    const time = open({ how: 'h2_reset', after: { time: '50ms' } });
    time.scheduler.advanceMs(40);
    time.down.write(dataOf(1, 'abc', 1));
    time.scheduler.advanceMs(20);
    expect(after(time, started).equals(Buffer.concat([dataOf(1, 'abc', 1), rstStream(3, 2)]))).toBe(
      true,
    );
    const idle = open({ how: 'h2_reset', after: { idle: '50ms' } });
    for (let i = 0; i < 5; i++) {
      idle.scheduler.advanceMs(30);
      idle.down.write(dataOf(3, 'x'));
    }
    expect(idle.fault.fired).toBe(1);
    expect(after(idle, started).includes(Buffer.from(rstStream(1, 2)))).toBe(true);
    idle.scheduler.advanceMs(60);
    expect(idle.fault.fired).toBe(2);
  });

  it('other endings take the connection, at the exact byte', () => {
    const connection = open({ how: 'rst', after: { tokens: 1 } });
    connection.down.write(dataOf(3, events.slice(0, 3).join('')));
    const kept = 9 + events.slice(0, 2).join('').length;
    expect(after(connection, started)).toHaveLength(kept);
    expect(connection.endings).toEqual([{ atMs: 0, how: 'rst' }]);
  });

  it('lets an event go whose end does not come, so that windows cannot lock', () => {
    const connection = open({ how: 'h2_reset', before: { event: 'nothing' } });
    connection.down.write(dataOf(1, `data: ${'x'.repeat(9000)}`));
    expect(connection.bytes(down)).toHaveLength(started);
    for (let i = 0; i < 4; i++) connection.down.write(dataOf(3, `data: ${'y'.repeat(8000)}\n\n`));
    expect(connection.bytes(down).length).toBeGreaterThan(started + 9000 + 24_000);
    expect(connection.fault.fired).toBe(0);
  });
});
