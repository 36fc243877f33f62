/** Why connecting failed, in words that are the same every time it fails in the same way. */
import { messageOf } from '../errors.ts';

/**
 * OpenSSL's text (`80CC7FC93D7F0000:error:0A00010B:SSL routines:…:wrong version number:../deps/…`)
 * holds a thread's address and a source line: it differs from process to process, and so would count
 * as many different failures in a report. Only its reason is kept.
 */
export function connectDetail(error: unknown): string {
  const message = messageOf(error);
  const reason = /:error:[0-9A-F]+:[^:]*:[^:]*:([^:]+):/i.exec(message)?.[1];
  if (reason === undefined) return message;
  const known = reasons[reason.toLowerCase()];
  return known === undefined ? `TLS: ${reason}` : `TLS: ${reason}: ${known}`;
}

const reasons: Readonly<Record<string, string>> = {
  'wrong version number': 'the target does not speak TLS there (http: instead of https:?)',
  'packet length too long': 'the target does not speak TLS there (http: instead of https:?)',
  'http request': 'the target does not speak TLS there (http: instead of https:?)',
};
