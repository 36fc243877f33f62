/**
 * A parsed gate. The grammar stands above the parser in `grammar.ts`.
 */
import type { MetricKey } from '../metric/lookup.ts';

export type Comparator = '<' | '<=' | '>' | '>=';

/** `arm.metric.statistic`; arm absent: every arm must hold. */
export interface GateOperand {
  arm: string | undefined;
  metric: MetricKey;
  /** `p50`…`p99.9`, `mean`, `min`, `max`; absent for scalars. */
  statistic: GateStatistic | undefined;
}

export type GateStatistic =
  | { kind: 'percentile'; percent: number }
  | { kind: 'mean' }
  | { kind: 'min' }
  | { kind: 'max' };

export interface GateExpression {
  /** As written. */
  text: string;
  left: GateOperand;
  comparator: Comparator;
  right:
    /** In the metric's unit (ms, ratio, …). */
    | { kind: 'value'; value: number }
    /** Another operand, times `factor`: `websocket.e2e.p50 < sse.e2e.p50`, `… vs sse <= +5%`. */
    | { kind: 'operand'; operand: GateOperand; factor: number };
}

/** What a gate answers. `inconclusive` leaves room for trials and intervals. */
export type GateVerdict = 'pass' | 'fail' | 'inconclusive' | 'no_data';
