/** Which location answers a path: exact, longest prefix, then regular expressions in their order. */
import type { Directive } from './syntax.ts';
import { patternOf } from './values.ts';

interface Parsed {
  directive: Directive;
  modifier: string;
  path: string;
}

/** `location ^~ /x` and `location ^~/x` are the same. */
export function locationOf(directive: Directive): Parsed {
  const [first = '', second] = directive.args;
  if (second !== undefined) return { directive, modifier: first, path: second };
  const modifier = ['~*', '^~', '=', '~'].find((prefix) => first.startsWith(prefix)) ?? '';
  return { directive, modifier, path: first.slice(modifier.length) };
}

export function locationsIn(block: Directive): Parsed[] {
  return (block.children ?? []).filter(({ name }) => name === 'location').map(locationOf);
}

/** As a user names it: `location ~ \.php$`. */
export function locationName(directive: Directive): string {
  return `location ${directive.args.join(' ')}`;
}

/** The path as nginx compares it: decoded, without // and dot segments. */
export function normalizePath(path: string): string {
  let decoded = path;
  try {
    decoded = decodeURIComponent(path);
  } catch {
    // Kept as it is: what is wrong here does not match a location anyway.
  }
  const parts: string[] = [];
  for (const part of decoded.split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '.' && part !== '') parts.push(part);
  }
  const slash = decoded.length > 1 && /\/(?:\.{1,2})?$/.test(decoded) && parts.length > 0;
  return `/${parts.join('/')}${slash ? '/' : ''}`;
}

/** The chain of locations that answers, outermost first; [] where the server itself does. */
export function chooseLocation(block: Directive, path: string): Directive[] {
  const locations = locationsIn(block);
  const exact = locations.find((one) => one.modifier === '=' && one.path === path);
  if (exact) return [exact.directive];
  let prefix: Parsed | undefined;
  for (const one of locations) {
    if (one.modifier !== '' && one.modifier !== '^~') continue;
    if (one.path.startsWith('@') || !path.startsWith(one.path)) continue;
    if (prefix === undefined || one.path.length > prefix.path.length) prefix = one;
  }
  // Inside the longest prefix first: its own regular expressions come before those around it.
  const nested = prefix === undefined ? [] : chooseLocation(prefix.directive, path);
  const inner = nested.map((directive) => locationOf(directive).modifier);
  const settled =
    inner.some((modifier) => modifier !== '' && modifier !== '^~') || prefix?.modifier === '^~';
  if (!settled) {
    for (const one of locations) {
      if (one.modifier !== '~' && one.modifier !== '~*') continue;
      if (!patternOf(one.path, one.modifier === '~*')?.test(path)) continue;
      return [one.directive, ...chooseLocation(one.directive, path)];
    }
  }
  return prefix === undefined ? [] : [prefix.directive, ...nested];
}

/** A location that only other directives lead to. */
export function namedLocation(server: Directive, name: string): Directive | undefined {
  return locationsIn(server).find((one) => one.modifier === '' && one.path === name)?.directive;
}

/** Every location with the locations around it, in the order of the file. */
export function everyLocation(block: Directive): Directive[][] {
  return locationsIn(block).flatMap(({ directive }) => [
    [directive],
    ...everyLocation(directive).map((chain) => [directive, ...chain]),
  ]);
}

/** Regular expressions that could not be tried. */
export function untestable(block: Directive): Directive[] {
  return locationsIn(block)
    .filter(({ modifier }) => modifier.startsWith('~'))
    .filter(({ modifier, path }) => patternOf(path, modifier === '~*') === undefined)
    .map(({ directive }) => directive);
}
