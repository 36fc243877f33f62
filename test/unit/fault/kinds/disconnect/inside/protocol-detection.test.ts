import { describe, expect, it } from 'vitest';
import { ProtocolDetection } from '../../../../../../src/fault/kinds/disconnect/inside/protocol-detection.ts';
import { http2Preface } from '../../../../../../src/wire/http2-frames.ts';

/** What is said after each write. */
function detect(...writes: string[]) {
  const detection = new ProtocolDetection();
  return writes.map((text) => {
    const found = detection.feed(Buffer.from(text, 'latin1'));
    return found && { ...found, bytes: Buffer.from(found.bytes).toString('latin1') };
  });
}

describe('the protocol of a client', () => {
  it('is HTTP/1.1 where the first byte is not that of the preface', () => {
    expect(detect('GET /')).toEqual([{ protocol: 'http1', from: 0, bytes: 'GET /' }]);
  });

  it('is undecided while the bytes could become the preface', () => {
    const patch = detect('P', 'R', 'OPFIND / HTTP/1.1');
    expect(patch).toEqual([
      undefined,
      undefined,
      { protocol: 'http1', from: 0, bytes: 'PROPFIND / HTTP/1.1' },
    ]);
  });

  it('is HTTP/2 behind the whole preface, however it was cut', () => {
    const from = http2Preface.length;
    expect(detect(`${http2Preface}abc`)).toEqual([{ protocol: 'http2', from, bytes: 'abc' }]);
    const cut = detect(...http2Preface.split(''));
    expect(cut.slice(0, -1).every((said) => said === undefined)).toBe(true);
    expect(cut.at(-1)).toEqual({ protocol: 'http2', from, bytes: '' });
  });
});
