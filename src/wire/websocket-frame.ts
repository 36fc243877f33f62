/** WebSocket frames (RFC 6455, section 5.2) as they are written, by a client or by a server. */
import { randomFillSync } from 'node:crypto';

export const opcodes = {
  continuation: 0,
  text: 1,
  binary: 2,
  close: 8,
  ping: 9,
  pong: 10,
} as const;

/** Masks are drawn from a pool: a system call per message would be the dearest part of it. */
const maskPool = Buffer.alloc(4096);
let maskAt = maskPool.length;

/** One unfragmented frame, masked as a client must send it, or unmasked as a server must. */
export function encodeFrame(opcode: number, payload: Buffer, masked = true): Buffer {
  const { length } = payload;
  const extended = length < 126 ? 0 : length < 65_536 ? 2 : 8;
  const head = 2 + extended;
  const mask = masked ? 4 : 0;
  const frame = Buffer.allocUnsafe(head + mask + length);
  frame[0] = 0x80 | opcode;
  frame[1] = (masked ? 0x80 : 0) | (extended === 0 ? length : extended === 2 ? 126 : 127);
  if (extended === 2) frame.writeUInt16BE(length, 2);
  else if (extended === 8) frame.writeBigUInt64BE(BigInt(length), 2);
  if (!masked) {
    payload.copy(frame, head);
    return frame;
  }
  if (maskAt + 4 > maskPool.length) {
    randomFillSync(maskPool);
    maskAt = 0;
  }
  maskPool.copy(frame, head, maskAt, maskAt + 4);
  maskAt += 4;
  for (let i = 0; i < length; i++) frame[head + 4 + i] = payload[i]! ^ frame[head + (i & 3)]!;
  return frame;
}

/** Longest reason of a close frame, bytes of UTF-8. */
export const longestReason = 123;

/** A close frame's payload. */
export function closePayload(code: number, reason = ''): Buffer {
  const payload = Buffer.alloc(2 + Buffer.byteLength(reason));
  payload.writeUInt16BE(code);
  payload.write(reason, 2);
  return payload;
}
