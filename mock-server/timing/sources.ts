/** Web sources that an answer cites: spread over its visible text, the same for equal settings. */
import type { Piece, Source } from './output-plan.ts';

/** A source with the part of the text that it stands for, in characters from the text's beginning. */
export interface Citation extends Source {
  start: number;
  end: number;
}

/**
 * Gives sources to the content pieces of an answer, at even distances. An answer has at most one for each
 * piece; one without content has none.
 */
export function spreadSources<P extends Pick<Piece, 'kind' | 'sources'>>(
  pieces: readonly P[],
  count: number,
): P[] {
  const places = pieces.flatMap(({ kind }, index) => (kind === 'content' ? [index] : []));
  const cited = Math.min(count, places.length);
  const spread = [...pieces];
  for (let number = 1; number <= cited; number++) {
    const place = places[Math.ceil((number * places.length) / (cited + 1)) - 1]!;
    const source = { url: `https://example.com/source-${number}`, title: `Source ${number}` };
    spread[place] = { ...spread[place]!, sources: [...(spread[place]!.sources ?? []), source] };
  }
  return spread;
}

/**
 * The citations that a piece adds.
 *
 * @param end - length of the text up to the piece and with it, in characters.
 */
export function citationsOf(piece: Piece, end: number): Citation[] {
  const start = end - piece.text.length;
  return (piece.sources ?? []).map((source) => ({ ...source, start, end }));
}

/** As the Responses API has it; Chat Completions puts the members one level deeper. */
export function annotationOf({ url, title, start, end }: Citation): Record<string, unknown> {
  return { type: 'url_citation', url, title, start_index: start, end_index: end };
}

/** As Chat Completions has it. */
export function chatAnnotationOf(citation: Citation): Record<string, unknown> {
  const { type, ...members } = annotationOf(citation);
  return { type, url_citation: members };
}
