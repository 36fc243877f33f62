/** Writing server events: every one has a type and an id, and those of a response may be stamped. */

/** Ground truth of one response's events; see {@link EventWriter.send}. */
export interface Stamper {
  /** The member to append to the event that is written now, with its comma; '' for none. */
  stamp(): string;
}

export class EventWriter {
  readonly #send: (text: string) => void;
  readonly #tag: string;
  #count = 0;

  /** @param tag - makes this session's event ids differ from every other's. */
  constructor(send: (text: string) => void, tag: string) {
    this.#send = send;
    this.#tag = tag;
  }

  send(type: string, members: Readonly<Record<string, unknown>>, stamper?: Stamper): void {
    const inner = JSON.stringify(members).slice(1, -1);
    this.sendRaw(type, inner === '' ? '' : `,${inner}`, stamper);
  }

  /**
   * The fast path for deltas.
   *
   * @param members - JSON members, each with a comma in front: `,"delta":"x"`.
   */
  sendRaw(type: string, members: string, stamper?: Stamper): void {
    this.#count++;
    const head = `{"type":"${type}","event_id":"event_${this.#tag}_${this.#count.toString(36)}"`;
    this.#send(`${head}${members}${stamper ? stamper.stamp() : ''}}`);
  }
}
