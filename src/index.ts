/**
 * streamgauge as a library: define a scenario, run it, read the result, start the mock.
 *
 * @example
 * ```ts
 * import { runScenario } from 'streamgauge';
 *
 * const result = await runScenario({
 *   name: 'chat',
 *   target: 'mock',
 *   arms: { sse: { dialect: 'openai-chat', transport: 'sse' } },
 *   load: { kind: 'closed', sessions: 10, duration: '5s' },
 *   session: [{ ask: { prompt: 'Hello' } }],
 * });
 * console.log(summarize(result).arms[0]?.metrics.ttft?.p95);
 * ```
 */
export { defineScenario, diagnose, runScenario, type RunScenarioOptions } from './library.ts';
export type { DiagnoseOptions, DiagnoseProgress } from './diagnose/options.ts';
export type { Diagnosis, VerdictKind } from './diagnose/diagnosis.ts';
export { summarize, type ArmSummary, type MetricSummary, type Summary } from './summary.ts';
export {
  startMock,
  type MockOptions,
  type MockServer,
  type MockStats,
  type StreamTruth,
} from '../mock-server/index.ts';
export { TwoStageStop } from './engine/run-control.ts';
export type { RunControl } from './engine/run-control.ts';
export { StreamgaugeError, StreamgaugeErrors, formatError } from './errors.ts';
export { exitCodes, type ExitCodeName } from './exit-codes.ts';
export {
  metrics,
  type DistributionName,
  type MetricName,
  type ScalarName,
} from './metric/catalogue.ts';
export type { MetricDefinition } from './metric/definition.ts';
export type { LandmarkDefinition } from './metric/landmark.ts';
export { MetricHistogram, type EncodedHistogram } from './metric/histogram.ts';
export { outcomes, type Outcome } from './metric/outcome.ts';
export { renderReport, reportFormats, type ReportFormat } from './report/registry.ts';
export type {
  ArmResult,
  GateResult,
  PhaseResult,
  Result,
  StreamSample,
  TrialResult,
  Warning,
} from './result/schema.ts';
export type { LiveSnapshot } from './result/live-snapshot.ts';
export type { Plan } from './scenario/plan.ts';
export type { ScenarioInput } from './scenario/schema.ts';
