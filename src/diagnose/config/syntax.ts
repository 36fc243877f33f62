/**
 * The syntax of nginx configuration files, as ngx_conf_read_token reads it, with the place of every directive.
 *
 * Packages that parse it keep at most the line of an error and leave arguments in one string (see DEPENDENCIES.md).
 */
import { StreamgaugeError } from '../../errors.ts';

export interface Directive {
  name: string;
  args: readonly string[];
  /** What stands between its braces; null for a directive that ends with a semicolon. */
  children: Directive[] | null;
  file: string;
  /** Both count from 1. */
  line: number;
  column: number;
  /** As written, on one line, without its block. */
  text: string;
}

interface Token {
  kind: 'word' | ';' | '{' | '}' | 'end';
  value: string;
  start: number;
  end: number;
}

const escapes: Readonly<Record<string, string>> = { t: '\t', r: '\r', n: '\n' };
const luaBlock = /_by_lua_block$/;

/** @throws StreamgaugeError `nginx-syntax` (exit: usage) that names file, line and column. */
export function parseNginx(source: string, file: string): Directive[] {
  const lineStarts = [0];
  for (let at = source.indexOf('\n'); at >= 0; at = source.indexOf('\n', at + 1)) {
    lineStarts.push(at + 1);
  }
  let position = 0;

  const lineOf = (offset: number): number => {
    let low = 0;
    let high = lineStarts.length - 1;
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if (lineStarts[middle]! <= offset) low = middle;
      else high = middle - 1;
    }
    return low;
  };

  const fail = (message: string, offset: number, length = 1): never => {
    const line = lineOf(Math.min(offset, source.length));
    const start = lineStarts[line]!;
    const end = source.indexOf('\n', start);
    throw new StreamgaugeError(message, {
      code: 'nginx-syntax',
      exit: 'usage',
      hints: ['nginx -t names what it does not accept'],
      place: {
        file,
        line: line + 1,
        column: offset - start + 1,
        length,
        text: source.slice(start, end < 0 ? source.length : end).replace(/\r$/, ''),
      },
    });
  };

  const skipBlanks = (): void => {
    for (;;) {
      while (position < source.length && /\s/.test(source[position]!)) position += 1;
      if (source[position] !== '#') return;
      const end = source.indexOf('\n', position);
      position = end < 0 ? source.length : end + 1;
    }
  };

  const readQuoted = (quote: string): string => {
    const start = position;
    let value = '';
    position += 1;
    for (;;) {
      const character = source[position];
      if (character === undefined) return fail(`a quote is not closed: ${quote}`, start);
      position += 1;
      if (character === quote) break;
      if (character !== '\\') {
        value += character;
        continue;
      }
      const next = source[position] ?? '';
      position += 1;
      // Any other backslash stays, as in a regular expression.
      if (next === '"' || next === "'" || next === '\\') value += next;
      else value += escapes[next] ?? `\\${next}`;
    }
    const after = source[position];
    // A parenthesis may follow in an if.
    if (after !== undefined && !/[\s;{)]/.test(after)) {
      fail(`unexpected "${after}" after a closing quote`, position);
    }
    return value;
  };

  const readWord = (): string => {
    let value = '';
    while (position < source.length) {
      const character = source[position]!;
      // ${name} is a variable, not a block.
      if (character === '{' && value.endsWith('$')) {
        value += character;
        position += 1;
        continue;
      }
      if (/[\s;{]/.test(character)) break;
      if (character === '\\' && position + 1 < source.length) {
        const next = source[position + 1]!;
        value += next === '"' || next === "'" ? next : `\\${next}`;
        position += 2;
        continue;
      }
      value += character;
      position += 1;
    }
    return value;
  };

  const next = (): Token => {
    skipBlanks();
    const start = position;
    const character = source[position];
    if (character === undefined) return { kind: 'end', value: '', start, end: start };
    if (character === ';' || character === '{' || character === '}') {
      position += 1;
      return { kind: character, value: character, start, end: position };
    }
    const quoted = character === '"' || character === "'";
    const value = quoted ? readQuoted(character) : readWord();
    return { kind: 'word', value, start, end: position };
  };

  /** Past the block of its language, whose braces are counted outside strings and comments. */
  const skipForeignBlock = (opened: number): void => {
    let depth = 1;
    while (depth > 0) {
      const character = source[position];
      if (character === undefined) return fail('a block is not closed with "}"', opened);
      if (character === '"' || character === "'") {
        const closing = new RegExp(String.raw`(?<!\\)(?:\\\\)*${character}`, 'g');
        closing.lastIndex = position + 1;
        const match = closing.exec(source);
        if (match === null) return fail('a string is not closed', position);
        position = closing.lastIndex;
        continue;
      }
      if (source.startsWith('--', position)) {
        const end = source.indexOf('\n', position);
        position = end < 0 ? source.length : end;
        continue;
      }
      if (character === '{') depth += 1;
      if (character === '}') depth -= 1;
      position += 1;
    }
  };

  const readBlock = (opened: number | null): Directive[] => {
    const directives: Directive[] = [];
    for (;;) {
      const first = next();
      if (first.kind === 'end') {
        if (opened !== null) fail('a block is not closed with "}"', opened);
        return directives;
      }
      if (first.kind === '}') {
        if (opened === null) fail('unexpected "}": no block is open', first.start);
        return directives;
      }
      if (first.kind !== 'word') fail(`unexpected "${first.kind}"`, first.start);
      directives.push(readDirective(first));
    }
  };

  const readDirective = (first: Token): Directive => {
    const args: string[] = [];
    let last = first;
    for (;;) {
      const token = next();
      if (token.kind === 'word') {
        args.push(token.value);
        last = token;
        continue;
      }
      if (token.kind === '}' || token.kind === 'end') {
        return fail(
          `directive "${first.value}" is not ended with ";"`,
          first.start,
          Math.max(1, last.end - first.start),
        );
      }
      const line = lineOf(first.start);
      const directive: Directive = {
        name: first.value,
        args,
        children: null,
        file,
        line: line + 1,
        column: first.start - lineStarts[line]! + 1,
        text: source.slice(first.start, token.end).replaceAll(/\s+/g, ' '),
      };
      if (token.kind === '{') {
        directive.children = [];
        if (luaBlock.test(first.value)) skipForeignBlock(token.start);
        else directive.children = readBlock(token.start);
      }
      return directive;
    }
  };

  return readBlock(null);
}
