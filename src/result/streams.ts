/**
 * Per-stream records: one JSON object per line and turn, for drilling down with jq, DuckDB or pandas.
 * The shape is `streamSample` of the result schema.
 */
import { messageOf, StreamgaugeError } from '../errors.ts';
import type { World } from '../world.ts';
import { streamSample, type StreamSample } from './schema.ts';

/** Times are kept to the microsecond: finer digits are noise and double the file. */
function rounded(_key: string, value: unknown): unknown {
  return typeof value === 'number' ? Math.round(value * 1000) / 1000 : value;
}

/** One line, with its line end. */
function formatStreamRecord(sample: StreamSample): string {
  return `${JSON.stringify(sample, rounded)}\n`;
}

/**
 * A JSONL file that is appended to in batches. The caller decides when to flush, so that no file is
 * touched while streams are being timed; `pendingBytes` says how much is waiting in memory.
 */
export class StreamLog {
  readonly file: string;
  private readonly files: World['files'];
  private pending: string[] = [];
  private waiting = 0;

  /** Empties the file. @throws StreamgaugeError `file-not-writable`. */
  constructor(file: string, world: Pick<World, 'files'>) {
    this.file = file;
    this.files = world.files;
    this.attempt(() => this.files.writeText(file, ''));
  }

  get pendingBytes(): number {
    return this.waiting;
  }

  add(sample: StreamSample): void {
    const line = formatStreamRecord(sample);
    this.pending.push(line);
    this.waiting += line.length;
  }

  /** @throws StreamgaugeError `file-not-writable`. */
  flush(): void {
    if (this.pending.length === 0) return;
    const text = this.pending.join('');
    this.pending = [];
    this.waiting = 0;
    this.attempt(() => this.files.appendText(this.file, text));
  }

  private attempt(action: () => void): void {
    try {
      action();
    } catch (thrown) {
      throw new StreamgaugeError(`cannot write ${this.file}: ${messageOf(thrown)}`, {
        code: 'file-not-writable',
        exit: 'usage',
        cause: thrown,
      });
    }
  }
}

/**
 * Reads per-stream records back.
 *
 * @throws StreamgaugeError `record-damaged` naming the line.
 */
export function parseStreamRecords(text: string, name: string): StreamSample[] {
  const samples: StreamSample[] = [];
  for (const [index, line] of text.split('\n').entries()) {
    if (line.trim() === '') continue;
    try {
      samples.push(streamSample.parse(JSON.parse(line)));
    } catch (thrown) {
      throw new StreamgaugeError(`${name}:${index + 1} is not a per-stream record`, {
        code: 'record-damaged',
        exit: 'usage',
        hints: ['a run that was killed may leave half a last line: delete it'],
        cause: thrown,
      });
    }
  }
  return samples;
}
