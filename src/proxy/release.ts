/** What the simple kinds share: a store of held bytes, and what to do when upstream breaks off. */
import { join } from './join.ts';
import type { BufferContext, ResponseBuffer, UpstreamHead } from './buffer-model.ts';

/** Only a body that ends by closing can be taken for whole when upstream closes. */
export function brokenPlainly(head: UpstreamHead): ResponseBuffer['broken'] {
  return (how) => (how === 'fin' && head.framing === 'close' ? 'end' : 'cut');
}

/** Bytes held back until someone lets them go. */
export class Held {
  private parts: Uint8Array[] = [];
  private readonly context: BufferContext;
  bytes = 0;

  constructor(context: BufferContext) {
    this.context = context;
  }

  add(bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    this.parts.push(bytes);
    this.bytes += bytes.length;
  }

  /** Everything held, as one burst. */
  release(): void {
    if (this.bytes > 0) this.context.send(this.take());
  }

  /** Everything held. */
  take(): Uint8Array {
    const all = join(this.parts);
    this.parts = [];
    this.bytes = 0;
    return all;
  }
}

/** A buffer that passes on what it holds at the end, and when upstream breaks off. */
export function holding(
  upstream: UpstreamHead,
  held: Held,
  read: (body: Uint8Array) => void,
  close?: () => void,
): ResponseBuffer {
  return {
    read: ({ body }) => read(body),
    end: () => held.release(),
    broken(how) {
      held.release();
      return brokenPlainly(upstream)(how);
    },
    ...(close ? { close } : {}),
  };
}
