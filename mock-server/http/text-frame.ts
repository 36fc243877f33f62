import type { Duplex } from 'node:stream';

/**
 * A WebSocket text message in one unmasked frame (RFC 6455 §5.2), written with one call. For a
 * socket that has been upgraded without compression; other frames of that socket (pong, close)
 * are written elsewhere and do not mix with it, because each write is whole.
 */
export function writeTextFrame(socket: Duplex, text: string): void {
  const bytes = Buffer.byteLength(text);
  if (bytes === text.length) {
    // ASCII: header and payload as one Latin-1 string, copied once.
    socket.write(frameHead(bytes) + text, 'latin1');
    return;
  }
  const frame = Buffer.allocUnsafe(bytes + 10);
  const headBytes = frame.write(frameHead(bytes), 'latin1');
  frame.write(text, headBytes, 'utf8');
  socket.write(frame.subarray(0, headBytes + bytes));
}

/** FIN, opcode 1 and the payload length, one character per byte. */
function frameHead(bytes: number): string {
  if (bytes < 126) return String.fromCharCode(0x81, bytes);
  if (bytes < 65536) return String.fromCharCode(0x81, 126, bytes >> 8, bytes & 255);
  return String.fromCharCode(
    0x81,
    127,
    0,
    0,
    0,
    0,
    (bytes >>> 24) & 255,
    (bytes >>> 16) & 255,
    (bytes >>> 8) & 255,
    bytes & 255,
  );
}
