/** Disconnects that cannot happen on a certain way from client to target, and what can instead. */
import type { FaultWay, Misfit } from '../../definition.ts';
import { looksInside, type DisconnectSpec } from './disconnect-settings.ts';

/** @returns undefined where it can happen, as far as is known. */
export function disconnectMisfit(spec: DisconnectSpec, way: FaultWay): Misfit | undefined {
  return endingMisfit(spec, way) ?? momentMisfit(spec, way) ?? sealedMisfit(spec, way);
}

function endingMisfit({ how }: DisconnectSpec, way: FaultWay): Misfit | undefined {
  const { transport, httpVersion } = way;
  const misfit = (message: string, ...hints: string[]): Misfit => ({
    path: ['how'],
    message,
    hints,
  });
  if (how === 'ws_close' && transport !== undefined && transport !== 'websocket') {
    return misfit(
      `ws_close closes a WebSocket, and this is ${transport}`,
      httpVersion === '2' ? 'use how: h2_reset, fin or rst' : 'use how: fin, rst or cut_chunk',
      'or transport: websocket',
    );
  }
  if (how === 'h2_reset' && transport === 'websocket') {
    return misfit(
      'h2_reset resets a stream of HTTP/2, and websocket uses HTTP/1.1',
      'use how: ws_close',
    );
  }
  if (how === 'h2_reset' && httpVersion === '1.1') {
    return misfit(
      'h2_reset resets a stream of HTTP/2, and this is HTTP/1.1, where an answer has a connection to itself',
      'use how: rst',
      'or http: 2',
    );
  }
  if (how !== 'cut_chunk' && how !== 'no_final_chunk') return undefined;
  if (transport === 'websocket') {
    return misfit(
      `${how} is about chunks of HTTP/1.1, and a WebSocket has none`,
      'use how: ws_close, or how: fin with after: { bytes: … } to end it inside a frame',
    );
  }
  if (httpVersion === '2') {
    return misfit(`${how} is about chunks of HTTP/1.1, and HTTP/2 has none`, 'use how: h2_reset');
  }
  if (transport === 'http' && way.mock) {
    return misfit(
      `${how} is about chunks, and the mock sends a whole answer with its length`,
      'use how: fin with after: { bytes: … }, or transport: sse',
    );
  }
  return undefined;
}

function momentMisfit(spec: DisconnectSpec, way: FaultWay): Misfit | undefined {
  const { after, before, inside } = spec;
  if (way.transport === 'http') {
    const [path, what] =
      (['tokens', 'events', 'event', 'last_token'] as const)
        .filter((key) => after?.[key] !== undefined)
        .map((key) => [['after', key], key] as const)[0] ??
      (before === 'first_event' || before === 'first_token' || typeof before === 'object'
        ? ([['before'], typeof before === 'object' ? 'event' : before] as const)
        : inside === 'blank_line'
          ? ([['inside'], inside] as const)
          : []);
    if (path) {
      return {
        path: [...path],
        message: `a whole answer (transport: http) has no events, so there is no ${what}`,
        hints: ['use after: { bytes: … }, before: headers or inside: utf8', 'or transport: sse'],
      };
    }
  }
  if (inside === 'blank_line' && way.transport === 'websocket') {
    return {
      path: ['inside'],
      message: 'no blank line ends a WebSocket message',
      hints: ['use inside: utf8, or after: { bytes: … } to end it inside a frame'],
    };
  }
  if (inside === 'utf8' && way.asciiOnly) {
    return {
      path: ['inside'],
      message: 'the mock answers in ASCII, where every character is one byte',
      hints: ['set mock: { text: unicode }'],
    };
  }
  return undefined;
}

function sealedMisfit(spec: DisconnectSpec, { sealed }: FaultWay): Misfit | undefined {
  if (sealed === undefined || !looksInside(spec)) return undefined;
  return {
    path: [],
    message: 'the relay sees only ciphertext here, and this disconnect must look inside',
    hints: [
      sealed,
      'or use how: fin, rst, half_close or black_hole, with after: { bytes | time | idle }',
    ],
  };
}
