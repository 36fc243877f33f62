/** `gates:` parsed, and checked against the arms there are. */
import { baseName, unknownArms } from '../gate/arms.ts';
import type { GateExpression } from '../gate/expression.ts';
import { GateSyntaxError, parseGate, parseMeasure } from '../gate/grammar.ts';
import { unreportable, type GatedArm } from '../gate/landmark-arms.ts';
import { unitedLandmarks, type LandmarkDefinition } from '../metric/landmark.ts';
import type { Path, Problem } from '../settings/problem.ts';

export function buildGates(
  texts: readonly string[],
  gated: readonly GatedArm[],
  report: (problem: Problem, follows?: readonly Path[]) => void,
): GateExpression[] {
  const arms = gated.map(({ name }) => name);
  const { landmarks } = unitedLandmarks(gated.map((arm) => arm.landmarks));
  return texts.flatMap((text, index) => {
    const path = ['gates', index];
    let gate: GateExpression;
    try {
      gate = parseGate(text, landmarks);
    } catch (error) {
      if (!(error instanceof GateSyntaxError)) throw error;
      report(
        {
          path,
          code: 'gate-syntax',
          message: error.message,
          hints: [...error.hints],
          span: { offset: error.offset, length: error.length },
        },
        // The landmark may be missing only because the name of its dialect is wrong.
        error.unknownMetric ? dialectPaths(arms) : [],
      );
      return [];
    }
    for (const { name, hints } of unknownArms(gate, arms)) {
      report(
        {
          path,
          code: 'unknown-arm',
          message: `the gate names an arm that does not exist: "${name}"`,
          hints: [...hints, `arms: ${listed(arms)}`],
          span: { offset: text.indexOf(name), length: name.length },
        },
        // It may be missing only because of another mistake.
        [['arms', baseName(name)], ['matrix']],
      );
    }
    for (const { arm, metric } of unreportable(gate, gated)) {
      report(
        {
          path,
          code: 'unreported-landmark',
          message: `the dialect of "${arm}" does not report ${metric}`,
          hints: [
            `arms that do: ${listed(gated.filter((one) => one.landmarks.some(({ name }) => name === metric)).map(({ name }) => name))}`,
            'docs/reference/metrics.md lists the landmarks of each dialect',
          ],
          span: { offset: text.indexOf(arm), length: arm.length },
        },
        dialectPaths(arms),
      );
    }
    return [gate];
  });
}

/** Where dialects are chosen. */
function dialectPaths(arms: readonly string[]): Path[] {
  return [['dialect'], ['matrix'], ...arms.map((arm) => ['arms', baseName(arm), 'dialect'])];
}

/** Checks `heatmap:`; what it names stays text, since the result file keeps it. */
export function checkHeatMaps(
  texts: readonly string[] | undefined,
  hasMatrix: boolean,
  landmarks: readonly LandmarkDefinition[],
  report: (problem: Problem, follows?: readonly Path[]) => void,
): void {
  if (texts && !hasMatrix) {
    report(
      {
        path: ['heatmap'],
        at: 'key',
        code: 'heatmap-without-matrix',
        message: 'heatmap shows the cells of a matrix, and there is none',
        hints: ['add matrix: { network.rtt: [1ms, 50ms], network.loss: [0%, 2%] }, or remove it'],
      },
      [['matrix']],
    );
  }
  for (const [index, text] of (texts ?? []).entries()) {
    const path = ['heatmap', index];
    try {
      parseMeasure(text, landmarks);
    } catch (error) {
      if (!(error instanceof GateSyntaxError)) throw error;
      report(
        {
          path,
          code: 'heatmap-syntax',
          message: error.message.replace(' on the left side', ''),
          hints: [...error.hints],
          span: { offset: error.offset, length: error.length },
        },
        error.unknownMetric ? [['dialect'], ['matrix'], ['arms']] : [],
      );
    }
    if (texts!.indexOf(text) < index) {
      report({ path, code: 'value-twice', message: `${text} stands twice in heatmap` });
    }
  }
}

/** Names as a gate writes them; of a large matrix the arms it was made from, and one of its cells. */
function listed(arms: readonly string[]): string {
  const quoted = (arm: string): string => (/^[\w-]+$/.test(arm) ? arm : `"${arm}"`);
  if (arms.length <= 12) return arms.map(quoted).join(', ');
  const bases = [...new Set(arms.map(baseName))];
  const names = bases.length < arms.length ? [...bases, `… ${quoted(arms.at(-1)!)}`] : bases;
  return names.map((name) => (name.startsWith('…') ? name : quoted(name))).join(', ');
}
