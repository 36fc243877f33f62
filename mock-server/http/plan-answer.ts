import type { OutputPlan, OutputRequest } from '../timing/output-plan.ts';
import { planOutput } from '../timing/plan-output.ts';
import { admitAnswer } from './admission.ts';
import type { Exchange } from './exchange.ts';
import { paused, timingHeader, timingOverride } from './timing-override.ts';

/**
 * Admits a request over HTTP and plans what it is answered, with the timing that it may ask for. What the
 * answer's head must say of both is noted on the exchange.
 *
 * @param request - its seed key is made distinct.
 * @param choices - how many answers it asks for; the first is what a request for one would get.
 * @throws ApiProblem where it is refused.
 */
export function admitAndPlan(
  exchange: Exchange,
  { model, output }: { model: string; output: OutputRequest },
  choices = 1,
): [OutputPlan, ...OutputPlan[]] {
  const { context, streamId, attempt, extraHeaders } = exchange;
  admitAnswer(context, { model, output, streamId, attempt }, extraHeaders);
  const timing = timingOverride(context.settings, exchange.request);
  extraHeaders[timingHeader] = 'accepted';
  exchange.heartbeatMs = timing.heartbeatMs;
  const plan = (seedKey: string): OutputPlan =>
    paused(planOutput(timing.settings, { ...output, seedKey }), timing.pause);
  const others = Array.from({ length: choices - 1 }, (_, i) => plan(`${output.seedKey}#${i + 1}`));
  return [plan(output.seedKey), ...others];
}
