/** "Did you mean …?": the known word nearest to a mistyped one. */

/**
 * Edits from one word to another: insert, delete, replace, or swap two neighbours (Damerau–Levenshtein
 * in its optimal-string-alignment form: no part is edited twice).
 */
export function editDistance(from: string, to: string): number {
  const width = to.length + 1;
  let beforeLast: number[] = [];
  let last = Array.from({ length: width }, (_, column) => column);
  for (let row = 1; row <= from.length; row++) {
    const current = [row];
    for (let column = 1; column < width; column++) {
      const same = from[row - 1] === to[column - 1];
      let best = Math.min(
        last[column]! + 1,
        current[column - 1]! + 1,
        last[column - 1]! + (same ? 0 : 1),
      );
      const swapped =
        row > 1 &&
        column > 1 &&
        from[row - 1] === to[column - 2] &&
        from[row - 2] === to[column - 1];
      if (swapped) best = Math.min(best, beforeLast[column - 2]! + 1);
      current.push(best);
    }
    beforeLast = last;
    last = current;
  }
  return last[to.length]!;
}

/**
 * The known word that was most likely meant, or undefined where none is near: at most one edit in
 * three letters. Case and the difference between `-` and `_` do not count.
 */
export function suggest(word: string, known: readonly string[]): string | undefined {
  const plain = (text: string): string => text.toLowerCase().replaceAll(/[-_ ]/g, '');
  let best: string | undefined;
  let bestDistance = Number.POSITIVE_INFINITY;
  for (const candidate of known) {
    const distance = editDistance(plain(word), plain(candidate));
    const allowed = Math.max(1, Math.floor(Math.max(word.length, candidate.length) / 3));
    if (distance <= allowed && distance < bestDistance) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best;
}

/** The hint: `did you mean "sessions"?`, `did you mean "5ms" or "5s"?`. */
export function didYouMean(...meant: readonly string[]): string {
  return `did you mean ${meant.map((word) => `"${word}"`).join(' or ')}?`;
}

/** The hint for a mistyped word, in a list to be spread among others; empty where no known word is near. */
export function meantHints(word: string, known: readonly string[]): string[] {
  const meant = suggest(word, known);
  return meant === undefined ? [] : [didYouMean(meant)];
}
