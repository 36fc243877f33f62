/**
 * What a TLS client asks for, read from the first bytes it sends (RFC 8446, section 4.1.2), so that a
 * relay that ends TLS can ask its target for the same before it answers.
 */

export interface ClientHello {
  /** Server name indication; undefined where there is none. */
  serverName: string | undefined;
  /** Protocols offered by ALPN, in the client's order. */
  protocols: readonly string[];
}

const handshakeRecord = 22;
const clientHello = 1;
const recordHeader = 5;
/** A ClientHello fits into a few KB; whatever is longer is something else. */
const longest = 64 * 1024;

/**
 * @returns undefined where more bytes are needed.
 * @throws Error where the bytes are not the start of a TLS connection.
 */
export function readClientHello(bytes: Buffer): ClientHello | undefined {
  const records: Buffer[] = [];
  let at = 0;
  while (at + recordHeader <= bytes.length) {
    if (bytes[at] !== handshakeRecord || bytes[at + 1] !== 3) throw notTls();
    const length = bytes.readUInt16BE(at + 3);
    records.push(bytes.subarray(at + recordHeader, at + recordHeader + length));
    at += recordHeader + length;
  }
  if (bytes.length > 0 && bytes[0] !== handshakeRecord) throw notTls();
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

function parse(hello: Buffer): ClientHello {
  const reader = new Reader(hello);
  reader.skip(2 + 32);
  reader.vector(1);
  reader.vector(2);
  reader.vector(1);
  const found: { serverName: string | undefined; protocols: string[] } = {
    serverName: undefined,
    protocols: [],
  };
  const extensions = new Reader(reader.done ? Buffer.alloc(0) : reader.vector(2));
  while (!extensions.done) {
    const type = extensions.number(2);
    const body = new Reader(extensions.vector(2));
    if (type === 0) {
      const names = new Reader(body.vector(2));
      while (!names.done) {
        const kind = names.number(1);
        const name = names.vector(2).toString('latin1');
        if (kind === 0) found.serverName ??= name;
      }
    } else if (type === 16) {
      const protocols = new Reader(body.vector(2));
      while (!protocols.done) found.protocols.push(protocols.vector(1).toString('latin1'));
    }
  }
  return found;
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
