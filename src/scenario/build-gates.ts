/** `gates:` parsed, and checked against the arms there are. */
import { baseName, unknownArms } from '../gate/arms.ts';
import type { GateExpression } from '../gate/expression.ts';
import { GateSyntaxError, parseGate } from '../gate/grammar.ts';
import type { Path, Problem } from './problem.ts';

export function buildGates(
  texts: readonly string[],
  arms: readonly string[],
  report: (problem: Problem, follows?: readonly Path[]) => void,
): GateExpression[] {
  return texts.flatMap((text, index) => {
    const path = ['gates', index];
    let gate: GateExpression;
    try {
      gate = parseGate(text);
    } catch (error) {
      if (!(error instanceof GateSyntaxError)) throw error;
      report({
        path,
        code: 'gate-syntax',
        message: error.message,
        hints: [...error.hints],
        span: { offset: error.offset, length: error.length },
      });
      return [];
    }
    for (const { name, meant } of unknownArms(gate, arms)) {
      report(
        {
          path,
          code: 'unknown-arm',
          message: `the gate names an arm that does not exist: "${name}"`,
          hints: [
            ...(meant === undefined ? [] : [`did you mean "${meant}"?`]),
            `arms: ${arms.map((arm) => (/^[\w-]+$/.test(arm) ? arm : `"${arm}"`)).join(', ')}`,
          ],
          span: { offset: text.indexOf(name), length: name.length },
        },
        // It may be missing only because of another mistake.
        [['arms', baseName(name)], ['vary']],
      );
    }
    return [gate];
  });
}
