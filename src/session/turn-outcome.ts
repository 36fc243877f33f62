/** Sorts the end of a turn into exactly one outcome, from what the server said and how it ended. */
import type { Conversation, TerminalStatus } from '../dialect/dialect.ts';
import type { Outcome } from '../metric/outcome.ts';
import type { ExchangeEnd } from '../transport/transport.ts';
import type { TurnRecord } from './turn-record.ts';

/** An outcome with what is to be said of it; equal details are counted together. */
export interface Verdict {
  outcome: Outcome;
  detail: string;
}

/** What a turn has heard and was told by the time it ends. */
export interface HeardOfTurn {
  /** Gets its terminal event's time here, where the end of the body stands for it. */
  readonly record: TurnRecord;
  readonly conversation: Conversation;
  readonly terminalStatus: TerminalStatus | undefined;
  readonly apiError: { code: string; message: string } | undefined;
  readonly malformedDetail: string | undefined;
  /** What our side has ended it for. */
  readonly forced: Verdict | undefined;
}

export function outcomeOf(end: ExchangeEnd, heard: HeardOfTurn): Verdict {
  const { record, terminalStatus, apiError, malformedDetail } = heard;
  // What the server said before we left it counts more than our leaving.
  if (terminalStatus === 'cancelled' && record.left) {
    return { outcome: 'cancelled', detail: 'cancelled by a call' };
  }
  if (terminalStatus && !apiError) {
    return { outcome: 'completed', detail: terminalStatus === 'completed' ? '' : terminalStatus };
  }
  if (record.status >= 400 || end.kind === 'refused_upgrade') {
    const status = end.kind === 'refused_upgrade' ? end.status : record.status;
    const body = end.kind === 'refused_upgrade' ? end.body : (apiError?.message ?? '');
    return {
      outcome: status === 429 || status === 503 ? 'rejected' : 'http_error',
      detail: `HTTP ${status}${errorText(body)}`,
    };
  }
  if (apiError) {
    return { outcome: 'in_band_error', detail: `${apiError.code}: ${apiError.message}` };
  }
  if (malformedDetail !== undefined) return { outcome: 'malformed', detail: malformedDetail };
  if (heard.forced) return heard.forced;
  switch (end.kind) {
    case 'complete':
      return outcomeOfCleanEnd(heard);
    case 'cut':
      return { outcome: 'truncated', detail: end.detail };
    case 'closed':
      return {
        outcome: 'truncated',
        detail: `WebSocket closed ${end.closeCode}${end.detail ? ` ${end.detail}` : ''}`,
      };
    case 'reset':
      return { outcome: 'reset', detail: end.detail };
    case 'connect_failed':
      return { outcome: 'connect_failed', detail: end.detail };
    case 'malformed':
      return { outcome: 'malformed', detail: end.detail };
    case 'cancelled':
      return { outcome: 'aborted', detail: 'the run ended' };
  }
}

function outcomeOfCleanEnd({ record, conversation }: HeardOfTurn): Verdict {
  const announced = conversation.atCleanEnd?.();
  if (announced) {
    record.terminalAt = record.lastAt;
    return { outcome: 'completed', detail: announced === 'completed' ? '' : announced };
  }
  if (record.status >= 300) return { outcome: 'http_error', detail: `HTTP ${record.status}` };
  return {
    outcome: 'truncated',
    detail: record.events === 0 ? 'the body was empty' : 'ended without its terminal event',
  };
}

/** The message inside an error body, for the failure table; short, so that equal ones group. */
function errorText(body: string): string {
  try {
    const parsed = JSON.parse(body) as { error?: { code?: unknown; message?: unknown } };
    const text = parsed.error?.code ?? parsed.error?.message;
    return typeof text === 'string' ? ` ${text.slice(0, 120)}` : '';
  } catch {
    const line = body.trim().split('\n')[0] ?? '';
    return line ? ` ${line.slice(0, 120)}` : '';
  }
}
