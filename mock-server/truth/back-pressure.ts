/**
 * What a server sees of a client that reads slowly: bytes that the kernel has not taken, and how long
 * that lasted. Noted at each write, without an allocation.
 */
export class BackPressure {
  private mostBytes = 0;
  private totalNs = 0;
  private sinceNs = 0;

  /**
   * Just before a write.
   *
   * @param waiting - bytes that earlier writes have left in this process.
   */
  beforeWrite(waiting: number, nowNs: number): void {
    if (waiting > 0 || this.sinceNs === 0) return;
    this.totalNs += nowNs - this.sinceNs;
    this.sinceNs = 0;
  }

  /** Just after it. */
  afterWrite(waiting: number, nowNs: number): void {
    if (waiting === 0) return;
    if (waiting > this.mostBytes) this.mostBytes = waiting;
    if (this.sinceNs === 0) this.sinceNs = nowNs;
  }

  /** The stream is over; what waits now does not matter any more. */
  end(nowNs: number): void {
    this.beforeWrite(0, nowNs);
  }

  /** Most bytes that waited in this process because the kernel's buffers were full. */
  get mostUnreadBytes(): number {
    return this.mostBytes;
  }

  /** Time during which some did, ns; known to one gap between two events. */
  get blockedNs(): number {
    return this.totalNs;
  }
}
