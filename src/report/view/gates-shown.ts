/** Gates for people: one that was held against many arms is summed up. */
import type { GateView } from './report-model.ts';

/** Gates with more results than this are summed up, except for those that fail. */
const mostResults = 8;

/**
 * Results for people: of a gate that was held against many arms those that fail, and of the others the
 * one with the least room.
 */
export function gatesShown(gates: readonly GateView[]): GateView[] {
  const texts = [...new Set(gates.map((gate) => gate.text))];
  return texts.flatMap((text) => {
    const results = gates.filter((gate) => gate.text === text);
    if (results.length <= mostResults) return results;
    const summed = (['pass', 'inconclusive', 'no_data'] as const).flatMap((verdict) => {
      const alike = results.filter((gate) => gate.verdict === verdict);
      const [closest] = [...alike].sort((a, b) => (a.margin ?? 1) - (b.margin ?? 1));
      if (!closest) return [];
      return [
        alike.length === 1
          ? closest
          : { ...closest, arm: `${closest.arm ?? ''}, closest of ${alike.length} arms` },
      ];
    });
    return [...summed, ...results.filter((gate) => gate.verdict === 'fail')];
  });
}
