/**
 * Start times from a recording.
 *
 * - **JSONL**: one object per line with a `timestamp` member, or one bare number or string per line.
 * - **CSV**: a header line with a `timestamp` column, or no header and the times in the first column.
 *
 * A time is an ISO 8601 date (`2026-03-01T12:00:00.250Z`) or a number. Numbers since 1970 are told
 * apart by the size of the largest: from 1e17 nanoseconds, from 1e14 microseconds, from 1e11
 * milliseconds, from 1e8 seconds. Smaller numbers count from the start of the recording, and nothing
 * in them says whether they are seconds or milliseconds: then the column must be named `timestamp_s`
 * or `timestamp_ms` (`_us`, `_ns`), or the unit be given. The earliest time becomes 0; order does not
 * matter.
 */
import { timeOf } from '../wall-time.ts';

const columnUnits: Record<string, number | undefined> = {
  timestamp: undefined,
  timestamp_s: 1000,
  timestamp_ms: 1,
  timestamp_us: 1e-3,
  timestamp_ns: 1e-6,
};
const columnNames = Object.keys(columnUnits);

interface Row {
  line: number;
  value: string | number;
  msPerUnit: number | undefined;
}

/**
 * @param text - the file's content.
 * @param options.unit - length of what an unnamed number counts, ms (1000 for seconds); a column's name wins.
 * @returns ascending start times, ms, the first one 0.
 * @throws Error that names the line and says what was expected.
 */
export function readTrace(text: string, options: { unit?: number } = {}): number[] {
  const lines = text
    .replace(/^\uFEFF/, '')
    .split(/\r\n|\n|\r/)
    .map((content, index) => ({ content: content.trim(), line: index + 1 }))
    .filter(({ content }) => content !== '');
  const first = lines[0];
  if (!first) throw new Error('the trace is empty');
  const rows = first.content.startsWith('{') ? jsonRows(lines) : tableRows(lines);
  if (rows.length === 0) throw new Error('the trace has a header and no rows');
  const times = toMs(rows, options.unit);
  times.sort((a, b) => a - b);
  const earliest = times[0]!;
  return times.map((time) => time - earliest);
}

type Line = { content: string; line: number };

function jsonRows(lines: readonly Line[]): Row[] {
  return lines.map(({ content, line }) => {
    let record: unknown;
    try {
      record = JSON.parse(content);
    } catch {
      throw new Error(`line ${line} is not JSON`);
    }
    const object = typeof record === 'object' && record !== null ? record : {};
    const name = columnNames.find((column) => column in object);
    const value = name === undefined ? undefined : (object as Record<string, unknown>)[name];
    if (typeof value !== 'number' && typeof value !== 'string') {
      throw new Error(`line ${line} has no member "timestamp" that is a number or a date`);
    }
    return { line, value, msPerUnit: columnUnits[name!] };
  });
}

function tableRows(lines: readonly Line[]): Row[] {
  const header = cells(lines[0]!.content).map((cell) => cell.toLowerCase());
  const isHeader = header.some((cell) => /[a-z]/.test(cell) && Number.isNaN(timeOf(cell)));
  let column = 0;
  let msPerUnit: number | undefined;
  if (isHeader) {
    column = header.findIndex((cell) => columnNames.includes(cell));
    if (column < 0) {
      throw new Error(`line 1: no column "timestamp" among ${header.join(', ')}`);
    }
    msPerUnit = columnUnits[header[column]!];
  }
  return lines.slice(isHeader ? 1 : 0).map(({ content, line }) => {
    const value = cells(content)[column];
    if (value === undefined || value === '') throw new Error(`line ${line} has no timestamp`);
    return { line, value, msPerUnit };
  });
}

/** Cells of one CSV line; quotes may surround a cell, and a doubled quote stands for one. */
function cells(line: string): string[] {
  const found: string[] = [];
  const pattern = /(?:^|[,;\t])\s*(?:"((?:[^"]|"")*)"|([^,;\t]*))/g;
  for (const match of line.matchAll(pattern)) {
    found.push((match[1]?.replaceAll('""', '"') ?? match[2] ?? '').trim());
  }
  return found;
}

function toMs(rows: readonly Row[], unit: number | undefined): number[] {
  const numbers = rows.map(({ value }) => (typeof value === 'number' ? value : Number(value)));
  const unnamed = numbers.filter(
    (value, index) => Number.isFinite(value) && rows[index]!.msPerUnit === undefined,
  );
  const guessed = unit ?? (unnamed.length === 0 ? 1 : epochUnit(unnamed));
  return rows.map(({ line, value, msPerUnit }, index) => {
    const number = numbers[index]!;
    if (Number.isFinite(number)) return number * (msPerUnit ?? guessed);
    const date = timeOf(String(value));
    if (Number.isNaN(date)) {
      throw new Error(`line ${line}: "${value}" is neither a number nor an ISO 8601 date`);
    }
    return date;
  });
}

/** ms per unit of times since 1970. */
function epochUnit(values: readonly number[]): number {
  const largest = values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  if (largest >= 1e17) return 1e-6;
  if (largest >= 1e14) return 1e-3;
  if (largest >= 1e11) return 1;
  if (largest >= 1e8) return 1000;
  throw new Error(
    'times such as ' +
      `${values[0]} could be seconds or milliseconds; name the column timestamp_s or timestamp_ms, or set \`unit\``,
  );
}
