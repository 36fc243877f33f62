/** A bare WebSocket client of the mock's Realtime API that keeps every event. */
import { WebSocket, type ClientOptions } from 'ws';
import type { MockServer } from '../../../mock-server/index.ts';

// oxlint-disable-next-line typescript/no-explicit-any
export type Event = any;

export interface RawClient {
  ws: WebSocket;
  events: Event[];
  tell(event: unknown): void;
  /** Waits for the next event of a type after the ones already waited for. */
  next(type: string): Promise<Event>;
  closed: Promise<{ code: number; reason: string }>;
  close(): void;
}

export function realtimeUrl(mock: MockServer, query = 'model=gpt-realtime'): string {
  return `${mock.baseUrl.replace('http', 'ws')}/realtime?${query}`;
}

/** Connects, or rejects with the status and body of the refused upgrade. */
export async function connect(
  url: string,
  options: ClientOptions & { protocols?: string[] } = {},
): Promise<RawClient> {
  const { protocols, ...rest } = options;
  const ws = new WebSocket(url, protocols ?? [], rest);
  const events: Event[] = [];
  const waiters = new Set<() => void>();
  const closed = new Promise<{ code: number; reason: string }>((resolve) => {
    ws.on('close', (code, reason) => {
      resolve({ code, reason: reason.toString() });
      for (const wake of waiters) wake();
    });
  });
  ws.on('message', (data: Buffer) => {
    events.push(JSON.parse(data.toString()));
    for (const wake of waiters) wake();
  });
  await new Promise<void>((resolve, reject) => {
    ws.on('open', resolve);
    ws.on('error', reject);
    ws.on('unexpected-response', (_request, response) => {
      let body = '';
      response.on('data', (chunk: Buffer) => (body += chunk.toString()));
      response.on('end', () => reject(new Refused(response.statusCode ?? 0, body)));
    });
  });
  let seen = 0;
  const next = async (type: string): Promise<Event> => {
    for (;;) {
      for (; seen < events.length; seen++) {
        if (events[seen].type === type) return events[seen++];
      }
      if (ws.readyState === WebSocket.CLOSED) throw new Error(`closed while waiting for ${type}`);
      await new Promise<void>((resolve) => {
        waiters.add(() => resolve());
      });
      waiters.clear();
    }
  };
  return {
    ws,
    events,
    tell: (event) => ws.send(JSON.stringify(event)),
    next,
    closed,
    close: () => ws.close(),
  };
}

export class Refused extends Error {
  readonly status: number;
  readonly body: Event;

  constructor(status: number, body: string) {
    super(`refused with ${status}`);
    this.status = status;
    this.body = body === '' ? undefined : JSON.parse(body);
  }
}
