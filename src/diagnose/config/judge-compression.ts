/** gzip and its like: a compressor that is not flushed holds events until it has a block, mostly until the end. */
import type { ConfigFinding } from '../diagnosis.ts';
import { findingAt, type KnownFacts } from './finding.ts';
import type { Place } from './place.ts';
import { flagOn, inForce } from './values.ts';

interface Compressor {
  flag: string;
  /** Compressed in addition to text/html. */
  types: string;
  name: string;
}

const compressors: readonly Compressor[] = [
  { flag: 'gzip', types: 'gzip_types', name: 'gzip' },
  { flag: 'brotli', types: 'brotli_types', name: 'Brotli' },
  { flag: 'zstd', types: 'zstd_types', name: 'Zstandard' },
];

export interface CompressionRules {
  /** How it holds events, in a clause; undefined where it does not. */
  holds?: string;
  findings: ConfigFinding[];
}

/** The type of the answer, as far as it is known. */
function contentType(known: KnownFacts): string {
  const given = known.targetHeaders?.['content-type']?.split(';')[0]?.trim().toLowerCase();
  return given || 'text/event-stream';
}

export function compressionRules(
  place: Place,
  unbuffered: boolean,
  known: KnownFacts,
): CompressionRules {
  const result: CompressionRules = { findings: [] };
  const type = contentType(known);
  const encoded = known.targetHeaders?.['content-encoding'];
  for (const { flag, types, name } of compressors) {
    const on = inForce(place.levels, flag);
    if (!flagOn(on, false) || on === undefined) continue;
    const listed = inForce(place.levels, types);
    const matched = listed?.args.find((one) => one === '*' || one.toLowerCase() === type);
    if (matched === undefined && type !== 'text/html') {
      result.findings.push(
        findingAt(
          listed ?? on,
          'note',
          `${name} is on, but leaves ${type} alone: it is not among ${types}`,
        ),
      );
      continue;
    }
    const at = listed ?? on;
    if (encoded !== undefined && encoded !== 'identity') {
      result.findings.push(
        findingAt(
          at,
          'note',
          `the target compresses by itself (${encoded}), so that nginx does not`,
        ),
      );
    } else if (unbuffered && flag === 'gzip') {
      result.findings.push(
        findingAt(
          at,
          'note',
          `${type} is compressed, and flushed with each read because buffering is off`,
        ),
      );
    } else {
      const without = listed?.args.filter((one) => one !== matched).join(' ');
      const fix =
        listed === undefined || matched === '*' || !without
          ? `${flag} off;`
          : `${types} ${without};`;
      result.holds ??= `where the client accepts ${flag}, ${name} holds events until it has a block, mostly until the end`;
      result.findings.push(
        findingAt(
          at,
          'cause',
          `${type} is compressed here${unbuffered ? '' : ' while buffering is on'}, and the compressor is not flushed: it holds events until it has a block, mostly until the end`,
          fix,
        ),
      );
    }
  }
  return result;
}
