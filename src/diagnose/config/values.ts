/** Values as nginx writes them, and what a configuration says at one place. */
import type { Directive } from './syntax.ts';

/** The blocks around a place, outermost first: http, server, location, nested location. */
export type Levels = readonly Directive[];

/** `4k` → 4096; undefined where it is not a size. */
export function sizeOf(text: string | undefined): number | undefined {
  const match = /^(\d+)([kmg]?)$/i.exec(text ?? '');
  if (!match) return undefined;
  const factors: Readonly<Record<string, number>> = { '': 1, k: 1024, m: 1024 ** 2, g: 1024 ** 3 };
  return Number(match[1]) * factors[match[2]!.toLowerCase()]!;
}

const unitsMs: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
  M: 2_592_000_000,
  y: 31_536_000_000,
};

/** `1h30m`, `90`, `500ms` → milliseconds; undefined where it is not a time. A number alone is seconds. */
export function timeOf(text: string | undefined): number | undefined {
  if (text === undefined || !/^(?:\d+(?:ms|[smhdwMy])?)+$/.test(text)) return undefined;
  let total = 0;
  for (const [, number, unit] of text.matchAll(/(\d+)(ms|[smhdwMy])?/g)) {
    total += Number(number) * unitsMs[unit ?? 's']!;
  }
  return total;
}

/** What holds at a place: the innermost level that says it. */
export function inForce(levels: Levels, name: string): Directive | undefined {
  for (const level of [...levels].reverse()) {
    const found = level.children?.find((directive) => directive.name === name);
    if (found) return found;
  }
  return undefined;
}

/** All of a kind that may be repeated; a level that has one hides those around it. */
export function allInForce(levels: Levels, name: string): Directive[] {
  for (const level of [...levels].reverse()) {
    const found = level.children?.filter((directive) => directive.name === name) ?? [];
    if (found.length > 0) return found;
  }
  return [];
}

/** Whether a flag is on; `fallback` where the configuration does not say. */
export function flagOn(directive: Directive | undefined, fallback: boolean): boolean {
  return directive === undefined ? fallback : directive.args[0] === 'on';
}

/** `nginx/1.22.1` or `1.22.1` → [1, 22, 1]; undefined where there is no version in it. */
export function versionOf(text: string | undefined): readonly [number, number, number] | undefined {
  const match = /(\d+)\.(\d+)\.(\d+)/.exec(text ?? '');
  return match ? [Number(match[1]), Number(match[2]), Number(match[3])] : undefined;
}

export function atLeast(
  version: readonly [number, number, number],
  least: readonly [number, number, number],
): boolean {
  for (const [index, part] of version.entries()) {
    if (part !== least[index]) return part > least[index]!;
  }
  return true;
}

/** A regular expression of nginx (PCRE) as JavaScript's; undefined where that has no equal. */
export function patternOf(source: string, insensitive: boolean): RegExp | undefined {
  const inline = source.startsWith('(?i)');
  const plain = (inline ? source.slice(4) : source).replaceAll('(?P<', '(?<');
  try {
    return new RegExp(plain, insensitive || inline ? 'i' : '');
  } catch {
    return undefined;
  }
}
