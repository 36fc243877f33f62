/** The text and the number of a delta of the Responses API without parsing it, where that is certain. */
import { endsInBrace, plainString } from '../../shared/plain-string.ts';

const responsesType = '"type":"response.output_text.delta"';
const responsesKey = '"delta":"';

/** Responses API: the delta of a `response.output_text.delta` event. */
export function responsesTextDelta(data: string): string | undefined {
  // The type stands first or second; further in, it could belong to something inside.
  const type = data.indexOf(responsesType);
  if (type < 0 || type > 80 || !endsInBrace(data)) return undefined;
  const key = data.indexOf(responsesKey);
  if (key < 0) return undefined;
  return plainString(data, key + responsesKey.length);
}

const sequenceKey = '"sequence_number":';

/** Responses API: the sequence number of a delta event; undefined where it has none. */
export function sequenceIn(data: string): number | undefined {
  const key = data.indexOf(sequenceKey);
  if (key < 0) return undefined;
  const number = Number.parseInt(
    data.slice(key + sequenceKey.length, key + sequenceKey.length + 16),
    10,
  );
  return Number.isNaN(number) ? undefined : number;
}
