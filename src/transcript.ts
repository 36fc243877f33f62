/**
 * What a stream said, boiled down so that two sides can compare it: client and mock server feed the
 * same texts in the order in which they hold them.
 */
import { createHash, type Hash } from 'node:crypto';

/** Kinds of text that are told apart; audio is not text. */
export const transcriptKinds = ['content', 'reasoning', 'tool_arguments'] as const;
export type TranscriptKind = (typeof transcriptKinds)[number];

/** One transcript: how long it is, and its hash. */
export interface TranscriptDigest {
  /** UTF-16 units of all kinds together. */
  length: number;
  /** SHA-1 of the texts of each kind, '' for a kind without text. */
  hash: string;
}

/** Hashes text as it comes; the pieces may be cut anywhere. */
export class TranscriptHasher {
  private readonly hashes: Partial<Record<TranscriptKind, Hash>> = {};
  private length = 0;

  add(kind: TranscriptKind, text: string): void {
    this.length += text.length;
    // UTF-16, because a surrogate pair may be cut between two pieces.
    (this.hashes[kind] ??= createHash('sha1')).update(text, 'utf16le');
  }

  /** Call it once: it ends the hashes. */
  digest(): TranscriptDigest {
    return {
      length: this.length,
      hash: transcriptKinds.map((kind) => this.hashes[kind]?.digest('base64') ?? '').join(' '),
    };
  }
}

/** The digest of texts that are complete. */
export function digestOf(
  texts: Readonly<Partial<Record<TranscriptKind, string>>>,
): TranscriptDigest {
  const hasher = new TranscriptHasher();
  for (const kind of transcriptKinds) {
    const text = texts[kind];
    if (text !== undefined && text !== '') hasher.add(kind, text);
  }
  return hasher.digest();
}
