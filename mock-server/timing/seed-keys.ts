/** How many different questions are remembered; beyond, counting starts again. */
const remembered = 10_000;

/**
 * Tells equal questions of unnamed streams apart: the n-th time a question is asked gets the n-th
 * draw, so that a client that repeats one prompt sees the whole distribution and not one value, and a
 * rerun in the same order still sees the same. Streams with a name are told apart by it.
 */
export class SeedKeys {
  private readonly asked = new Map<string, number>();

  /** @param seedKey - from `seedKeyOf`. @param streamId - '' or undefined where the client gave none. */
  distinct(seedKey: string, streamId: string | undefined): string {
    if (streamId) return seedKey;
    const times = this.asked.get(seedKey) ?? 0;
    if (times === 0 && this.asked.size >= remembered) this.asked.clear();
    this.asked.set(seedKey, times + 1);
    return times === 0 ? seedKey : `${seedKey}~${times}`;
  }
}
