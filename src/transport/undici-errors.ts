/** What undici and the system throw, sorted into the ways an exchange can end. */
import { codeOf, messageOf } from '../errors.ts';
import { connectDetail } from './connect-detail.ts';
import type { ExchangeEnd } from './transport.ts';

const connectCodes =
  /^(ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|ETIMEDOUT|UND_ERR_CONNECT_TIMEOUT|ERR_NO_HTTP2|ERR_TLS\w*|ERR_SSL\w*|CERT_\w+|DEPTH_ZERO\w*|SELF_SIGNED\w*|UNABLE_TO\w*|EPROTO)$/;

/**
 * @param at - when it was thrown, monotonic ns.
 * @param gotHead - whether the answer had begun.
 */
export function endOfError(error: unknown, gotHead: boolean, at: number): ExchangeEnd {
  // fetch wraps the socket's error twice; the innermost one names what happened.
  let cause = error;
  while (cause instanceof Error && cause.cause instanceof Error) cause = cause.cause;
  const code = codeOf(cause) || codeOf(error);
  const innermost = connectDetail(cause);
  const detail = cause === error ? innermost : `${messageOf(error)}: ${innermost}`;
  if (!gotHead && connectCodes.test(code)) return { kind: 'connect_failed', at, code, detail };
  if (code === 'UND_ERR_SOCKET' || code === 'UND_ERR_RES_CONTENT_LENGTH_MISMATCH') {
    return { kind: 'cut', at, detail };
  }
  if (code.startsWith('HPE_') || (cause instanceof Error && cause.name === 'HTTPParserError'))
    return { kind: 'malformed', at, detail };
  if (code === 'ECONNRESET' || code === 'EPIPE' || code.startsWith('ERR_HTTP2')) {
    return { kind: 'reset', at, detail: code };
  }
  return gotHead
    ? { kind: 'reset', at, detail }
    : { kind: 'connect_failed', at, code: code || 'ERROR', detail };
}
