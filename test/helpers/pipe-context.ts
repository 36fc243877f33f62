/** The context of one pipe on virtual time, which writes down what the pipe asks for. */
import type { Direction } from '../../src/fault/direction.ts';
import type { PipeContext } from '../../src/fault/fault.ts';
import { VirtualScheduler } from '../../src/timer/virtual-scheduler.ts';

export interface RecordingContext extends PipeContext {
  /** In order: `forward 01ff`, `inject 00`, `discard 3`, `end`, `endConnection fin`; bytes in hex. */
  readonly log: string[];
}

export function recordingContext(
  direction: Direction,
  scheduler = new VirtualScheduler(),
): RecordingContext {
  const log: string[] = [];
  const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
  return {
    log,
    direction,
    rng: () => 0,
    connection: {},
    now: () => scheduler.now(),
    schedule: (atNs, action) => scheduler.at(atNs, action),
    forward: (bytes) => void log.push(`forward ${hex(bytes)}`),
    inject: (bytes) => void log.push(`inject ${hex(bytes)}`),
    forwardEnd: () => void log.push('end'),
    discard: (byteCount) => void log.push(`discard ${byteCount}`),
    backPressure: (on) => void log.push(`backPressure ${on}`),
    endConnection: (how) => void log.push(`endConnection ${how}`),
  };
}
