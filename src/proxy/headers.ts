/** Header lists: as a client will get them, and what a proxy keeps to its own hop. */
import type { ClientHead } from './buffer-model.ts';

/** RFC 9110, section 7.6.1: fields that are about one connection only. */
const hopByHop = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'te',
  'transfer-encoding',
  'upgrade',
]);

export type HeaderList = readonly (readonly [name: string, value: string])[];

/** Node's flat list (name, value, name, value, …) as pairs. */
export function pairs(flat: readonly string[]): [string, string][] {
  const list: [string, string][] = [];
  for (let i = 0; i + 1 < flat.length; i += 2) list.push([flat[i]!, flat[i + 1]!]);
  return list;
}

export function valueOf(headers: HeaderList, name: string): string | undefined {
  return headers.find(([key]) => key.toLowerCase() === name)?.[1];
}

/** The fields that are forwarded to the next hop: those about this connection left out. */
export function endToEnd(headers: HeaderList): [string, string][] {
  const named = headers
    .filter(([name]) => name.toLowerCase() === 'connection')
    .flatMap(([, value]) => value.split(',').map((token) => token.trim().toLowerCase()));
  return headers
    .filter(([name]) => {
      const key = name.toLowerCase();
      return !hopByHop.has(key) && !named.includes(key);
    })
    .map(([name, value]) => [name, value]);
}

/** The head for the client, changeable until it is sent. */
export class OutgoingHead implements ClientHead {
  readonly status: number;
  readonly statusText: string;
  headers: [string, string][];

  constructor(status: number, statusText: string, headers: HeaderList) {
    this.status = status;
    this.statusText = statusText;
    this.headers = endToEnd(headers);
  }

  get(name: string): string | undefined {
    return valueOf(this.headers, name);
  }

  set(name: string, value: string): void {
    this.remove(name);
    this.headers.push([name, value]);
  }

  remove(name: string): void {
    this.headers = this.headers.filter(([key]) => key.toLowerCase() !== name);
  }

  /** Its size on the wire, near enough for the question whether a segment is full. */
  get bytes(): number {
    const fields = this.headers.reduce((sum, [name, value]) => sum + name.length + value.length, 0);
    return fields + 4 * this.headers.length + this.statusText.length + 17;
  }
}
