/**
 * Numbers with units, as users write them. A number without its unit is an error on purpose: `ttft:
 * 300` is read as seconds by one person and as milliseconds by the next.
 */
import { didYouMean } from './did-you-mean.ts';

const durationMs: Record<string, number> = {
  us: 1e-3,
  µs: 1e-3,
  ms: 1,
  s: 1000,
  m: 60_000,
  min: 60_000,
  h: 3_600_000,
};

const byteUnits: Record<string, number> = {
  b: 1,
  kb: 1000,
  mb: 1e6,
  gb: 1e9,
  kib: 1024,
  mib: 1024 ** 2,
  gib: 1024 ** 3,
};

function split(text: string): { value: number; unit: string } | undefined {
  const match = /^([+-]?\d+(?:_\d+)*(?:\.\d+)?(?:e[+-]?\d+)?)\s*(\S*)$/i.exec(text.trim());
  if (!match) return undefined;
  return { value: Number(match[1]!.replaceAll('_', '')), unit: match[2]! };
}

/** `250ms`, `30s`, `2m`, `1m30s` → milliseconds. @throws Error saying what was expected. */
export function parseDuration(text: string): number {
  const trimmed = text.trim();
  if (trimmed === '0') return 0;
  const compound = /^(?:\d+(?:\.\d+)?(?:us|µs|ms|min|s|m|h)){2,}$/.test(trimmed);
  const parts = compound ? trimmed.match(/\d+(?:\.\d+)?[a-zµ]+/g)! : [trimmed];
  let total = 0;
  for (const part of parts) {
    const pair = split(part);
    const factor = pair ? durationMs[pair.unit] : undefined;
    if (!pair || factor === undefined || pair.value < 0) {
      const missing =
        pair && pair.unit === '' ? `; ${didYouMean(`${trimmed}ms`, `${trimmed}s`)}` : '';
      throw new Error(`"${text}" is not a duration such as 250ms, 30s, 2m${missing}`);
    }
    total += pair.value * factor;
  }
  return total;
}

/** `2%` or `0.5 %` → 0.02, 0.005. @throws Error saying what was expected. */
export function parsePercent(text: string): number {
  const pair = split(text);
  if (!pair || pair.unit !== '%') {
    const missing = pair && pair.unit === '' ? `; ${didYouMean(`${text.trim()}%`)}` : '';
    throw new Error(`"${text}" is not a percentage such as 2%${missing}`);
  }
  return pair.value / 100;
}

/** `50/s`, `120/min`, `0.5/s` → events per second. @throws Error saying what was expected. */
export function parseRate(text: string): number {
  const match = /^(\d+(?:\.\d+)?)\s*\/\s*(s|m|min|h)$/.exec(text.trim());
  if (!match) {
    const missing = /^\d+(\.\d+)?$/.test(text.trim()) ? `; ${didYouMean(`${text.trim()}/s`)}` : '';
    throw new Error(`"${text}" is not a rate such as 50/s or 120/m${missing}`);
  }
  return (Number(match[1]) * 1000) / durationMs[match[2]!]!;
}

/** `16KiB`, `4kB`, `1500B` → bytes. @throws Error saying what was expected. */
export function parseBytes(text: string): number {
  const pair = split(text);
  const factor = pair ? byteUnits[pair.unit.toLowerCase()] : undefined;
  if (!pair || factor === undefined || pair.value < 0) {
    throw new Error(`"${text}" is not a size such as 1500B, 16KiB, 4kB`);
  }
  return Math.round(pair.value * factor);
}

/** A plain number ≥ 0 such as a count of tokens. @throws Error saying what was expected. */
export function parseCount(text: string): number {
  const pair = split(text);
  if (!pair || pair.unit !== '' || pair.value < 0)
    throw new Error(`"${text}" is not a plain number`);
  return pair.value;
}

const bitUnits: Record<string, number> = {
  bps: 1,
  'bit/s': 1,
  kbps: 1000,
  'kbit/s': 1000,
  mbps: 1e6,
  'mbit/s': 1e6,
  gbps: 1e9,
  'gbit/s': 1e9,
};

/** `1.6Mbps`, `768 kbit/s` → bits per second. @throws Error saying what was expected. */
export function parseBitRate(text: string): number {
  const pair = split(text);
  const factor = pair ? bitUnits[pair.unit.toLowerCase()] : undefined;
  if (!pair || factor === undefined || !(pair.value > 0)) {
    throw new Error(`"${text}" is not a bit rate above 0 such as 768kbps, 1.6Mbps, 1Gbps`);
  }
  return pair.value * factor;
}

/** `2KB/s`, `64KiB/s` → bytes per second. @throws Error saying what was expected. */
export function parseByteRate(text: string): number {
  const match = /^(.+?)\s*\/\s*s$/.exec(text.trim());
  try {
    if (match) return parseBytes(match[1]!);
  } catch {
    // Said below, in words about rates.
  }
  throw new Error(`"${text}" is not a rate of bytes such as 2KB/s, 64KiB/s`);
}

/** What so many tokens cost. */
export interface Price {
  amount: number;
  /** ISO 4217, e.g. USD. */
  currency: string;
  /** How many tokens the amount is for. */
  tokens: number;
}

/** `10 USD/M`, `0.6 EUR/M`: a price per million tokens. @throws Error saying what was expected. */
export function parsePrice(text: string): Price {
  const match = /^(\d+(?:\.\d+)?)\s*([A-Z]{3})\s*\/\s*M$/.exec(text.trim());
  if (!match) {
    throw new Error(
      `"${text}" is not a price such as 10 USD/M: amount, currency (three letters) and /M for a million tokens`,
    );
  }
  return { amount: Number(match[1]), currency: match[2]!, tokens: 1e6 };
}
