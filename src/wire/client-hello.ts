/**
 * Which protocols a TLS client offers by ALPN (RFC 7301), read from the first bytes it sends, so that a
 * relay that ends TLS can offer its target the same before it answers.
 */

const handshakeRecord = 22;
const clientHello = 1;
const recordHeader = 5;
/** A ClientHello fits into a few KB; whatever is longer is something else. */
const longest = 64 * 1024;

const alpnExtension = 16;

/**
 * @returns the protocols in the client's order; undefined where more bytes are needed.
 * @throws Error where the bytes are not the start of a TLS connection.
 */
export function offeredProtocols(bytes: Buffer): string[] | undefined {
  if (bytes.length > 0 && bytes[0] !== handshakeRecord) throw notTls();
  const records: Buffer[] = [];
  let at = 0;
  while (at + recordHeader <= bytes.length) {
    if (bytes[at] !== handshakeRecord || bytes[at + 1] !== 3) throw notTls();
    const length = bytes.readUInt16BE(at + 3);
    records.push(bytes.subarray(at + recordHeader, at + recordHeader + length));
    at += recordHeader + length;
  }
  const message = Buffer.concat(records);
  if (message.length > longest) throw notTls();
  if (message.length < 4) return undefined;
  if (message[0] !== clientHello) throw notTls();
  const end = 4 + message.readUIntBE(1, 3);
  return message.length < end ? undefined : parse(message.subarray(4, end));
}

function notTls(): Error {
  return new Error('the client does not begin with a TLS handshake');
}

function parse(hello: Buffer): string[] {
  const reader = new Reader(hello);
  // Version and random; session, cipher suites, compression.
  reader.skip(2 + 32);
  reader.vector(1);
  reader.vector(2);
  reader.vector(1);
  if (reader.done) return [];
  const extensions = new Reader(reader.vector(2));
  while (!extensions.done) {
    const type = extensions.number(2);
    const body = extensions.vector(2);
    if (type !== alpnExtension) continue;
    const list = new Reader(new Reader(body).vector(2));
    const protocols: string[] = [];
    while (!list.done) protocols.push(list.vector(1).toString('latin1'));
    return protocols;
  }
  return [];
}

class Reader {
  private readonly bytes: Buffer;
  private at = 0;

  constructor(bytes: Buffer) {
    this.bytes = bytes;
  }

  get done(): boolean {
    return this.at >= this.bytes.length;
  }

  skip(count: number): void {
    if (this.at + count > this.bytes.length) throw notTls();
    this.at += count;
  }

  number(size: number): number {
    const from = this.at;
    this.skip(size);
    return this.bytes.readUIntBE(from, size);
  }

  /** Bytes with their length before them. */
  vector(lengthSize: number): Buffer {
    const length = this.number(lengthSize);
    const from = this.at;
    this.skip(length);
    return this.bytes.subarray(from, this.at);
  }
}
