/** The head of an HTTP/1 answer. */
import type { BodyFraming } from '../observe/observation.ts';

export interface ResponseHead {
  httpVersion: string;
  status: number;
  statusText: string;
  headers: [name: string, value: string][];
  framing: BodyFraming;
  length: number;
  /** Whether the connection can carry another request afterwards. */
  keepAlive: boolean;
}

const longestHead = 256 * 1024;

/** Gathers bytes until a head is whole; informational answers (1xx) are passed over. */
export class HeadReader {
  private readonly method: string;
  private gathered: Buffer = Buffer.alloc(0);

  constructor(method: string) {
    this.method = method;
  }

  /**
   * @returns the head and the bytes after it, or undefined where it is not whole yet.
   * @throws Error where it is no HTTP.
   */
  feed(bytes: Buffer): { head: ResponseHead; rest: Buffer } | undefined {
    this.gathered = this.gathered.length === 0 ? bytes : Buffer.concat([this.gathered, bytes]);
    for (;;) {
      if (!'HTTP/'.startsWith(this.gathered.toString('latin1', 0, 5))) {
        throw new Error('the answer is not HTTP');
      }
      const end = this.gathered.indexOf('\r\n\r\n');
      if (end < 0) {
        if (this.gathered.length > longestHead)
          throw new Error('the head of the answer does not end');
        return undefined;
      }
      const head = parseHead(this.gathered.toString('latin1', 0, end), this.method);
      const rest = this.gathered.subarray(end + 4);
      if (head.status >= 200) return { head, rest };
      this.gathered = rest;
      if (rest.length === 0) return undefined;
    }
  }
}

function parseHead(text: string, method: string): ResponseHead {
  const [first = '', ...lines] = text.split('\r\n');
  const match = /^HTTP\/(\d\.\d) (\d{3})(?: (.*))?$/.exec(first);
  if (!match) throw new Error(`"${first.slice(0, 60)}" is no HTTP status line`);
  const headers = lines.map((line): [string, string] => {
    const colon = line.indexOf(':');
    return [line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim()];
  });
  const value = (name: string): string =>
    headers.find(([key]) => key === name)?.[1].toLowerCase() ?? '';
  const status = Number(match[2]);
  const length = Number(value('content-length') || 'NaN');
  const framing = framingOf(method, status, value('transfer-encoding'), length);
  const connection = value('connection');
  return {
    httpVersion: match[1]!,
    status,
    statusText: match[3] ?? '',
    headers,
    framing,
    length: framing === 'length' ? length : 0,
    keepAlive:
      framing !== 'close' &&
      (match[1] === '1.1' ? !connection.includes('close') : connection.includes('keep-alive')),
  };
}

function framingOf(
  method: string,
  status: number,
  transferEncoding: string,
  length: number,
): BodyFraming {
  if (method === 'HEAD' || status === 204 || status === 304) return 'none';
  if (transferEncoding.includes('chunked')) return 'chunked';
  return Number.isFinite(length) ? 'length' : 'close';
}
