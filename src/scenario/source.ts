/** A scenario as text: YAML or JSON, with the place of every key and value in it. */
import {
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  parseDocument,
  type Document,
  type Node,
  type Pair,
} from 'yaml';
import { StreamgaugeError, type SourcePlace } from '../errors.ts';
import type { Path, Problem } from '../settings/problem.ts';
import { cutByComma } from './scenario-words.ts';

export interface Source {
  /** The content, untouched. */
  readonly raw: unknown;
  /** Paths whose value is a plain (unquoted) scalar: only these may turn into numbers. */
  isPlain(path: Path): boolean;
  has(path: Path): boolean;
  /** Where a problem is, or undefined where the text has no such place. */
  place(problem: Pick<Problem, 'path' | 'at' | 'span'>): SourcePlace | undefined;
}

/**
 * Reads YAML 1.2, of which JSON is a part.
 *
 * @returns the syntax errors instead of throwing the first, so that all of them can be shown.
 */
export function readSource(
  text: string,
  file: string,
): { source: Source; errors: StreamgaugeError[] } {
  const counter = new LineCounter();
  const lines = text.split(/\r\n|\n|\r/);
  const document = parseDocument(text, { lineCounter: counter, prettyErrors: false });
  const placeAt = (offset: number, length: number): SourcePlace => {
    const { line, col } = counter.linePos(Math.min(offset, text.length));
    const lineText = lines[line - 1] ?? '';
    const most = Math.max(1, lineText.length - col + 1);
    return { file, line, column: col, length: Math.min(Math.max(1, length), most), text: lineText };
  };
  const errors = document.errors.map((error) => {
    const [from, to] = error.pos;
    const duplicate = error.code === 'DUPLICATE_KEY';
    return new StreamgaugeError(
      duplicate ? `the key is there twice: ${keyAt(text, from)}` : sentence(error.message),
      {
        code: duplicate ? 'duplicate-key' : 'yaml-syntax',
        exit: 'scenarioInvalid',
        place: placeAt(from, duplicate ? keyAt(text, from).length : to - from),
        hints: duplicate
          ? [
              cutByComma(keyAt(text, from)) ??
                'each name may stand once; rename or remove one of the two',
            ]
          : ['indentation and quotes decide what a line means in YAML'],
      },
    );
  });
  const source: Source = {
    raw: errors.length > 0 ? undefined : document.toJS({ maxAliasCount: 1000 }),
    isPlain: (path) => {
      const node = find(document, path)?.node;
      return isScalar(node) && node.type === 'PLAIN';
    },
    has: (path) => find(document, path) !== undefined,
    place: (problem) => placeOf(document, problem, placeAt),
  };
  return { source, errors };
}

type Found = { pair: Pair | undefined; node: Node | null };

function placeOf(
  document: Document,
  { path, at, span }: Pick<Problem, 'path' | 'at' | 'span'>,
  placeAt: (offset: number, length: number) => SourcePlace,
): SourcePlace | undefined {
  // What is not there is shown at the nearest thing around it that is.
  for (let length = path.length; length >= 0; length--) {
    const found = find(document, path.slice(0, length));
    if (!found) continue;
    const exact = length === path.length;
    const key = found.pair?.key as Node | undefined;
    const keyRange = key?.range;
    const range = found.node?.range;
    const big = isMap(found.node) || isSeq(found.node);
    const empty = !range || range[0] === range[1];
    if (keyRange && (at === 'key' || !exact || big || empty)) {
      return placeAt(keyRange[0], keyRange[1] - keyRange[0]);
    }
    if (!range) continue;
    if (big) return placeAt(range[0], 1);
    if (exact && span && isScalar(found.node)) {
      const { type } = found.node;
      const quoted = type === 'QUOTE_DOUBLE' || type === 'QUOTE_SINGLE';
      if (quoted || type === 'PLAIN') {
        return placeAt(range[0] + span.offset + (quoted ? 1 : 0), span.length);
      }
    }
    return placeAt(range[0], range[1] - range[0]);
  }
  return undefined;
}

/** The node at a path and the pair it is in. Aliases are followed. */
function find(document: Document, path: Path): Found | undefined {
  let found: Found = { pair: undefined, node: document.contents };
  for (const part of path) {
    let { node } = found;
    if (isAlias(node)) node = node.resolve(document) ?? null;
    if (isMap(node)) {
      const pair = node.items.find(
        (item) => isScalar(item.key) && String(item.key.value) === String(part),
      );
      if (!pair) return undefined;
      found = { pair, node: pair.value as Node | null };
    } else if (isSeq(node) && typeof part === 'number') {
      if (part >= node.items.length) return undefined;
      found = { pair: undefined, node: node.items[part] as Node };
    } else {
      return undefined;
    }
  }
  return found;
}

function keyAt(text: string, offset: number): string {
  return /^[^\s:]+/.exec(text.slice(offset))?.[0] ?? '';
}

function sentence(message: string): string {
  return message.charAt(0).toLowerCase() + message.slice(1);
}
