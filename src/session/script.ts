/** Unrolling a session script: repeats, placeholders, seeded draws. Pure. */
import type { SessionScript, SessionStep } from '../scenario/plan.ts';
import { sample } from '../random/distribution.ts';
import { seededRng, type Rng } from '../random/rng.ts';

/** A step with nothing left to decide. */
export type ConcreteStep =
  | { kind: 'think'; ms: number }
  | (Extract<SessionStep, { kind: 'ask' | 'tool_result' }> & { drawnMaxTokens: number | undefined })
  | Extract<SessionStep, { kind: 'speak' }>;

/**
 * The steps of one session in order. Draws depend on the seed, the session's number and the place in
 * the script only, so that every arm asks for the same prompts and lengths.
 */
export function* unroll(
  script: SessionScript,
  seed: string,
  session: number,
): Generator<ConcreteStep> {
  const rng = seededRng(`${seed}/session/${session}`);
  const turn = { number: 0 };
  yield* unrollSteps(script.steps, script, session, rng, turn, promptFor(script, seed, session));
}

function* unrollSteps(
  steps: readonly SessionStep[],
  script: SessionScript,
  session: number,
  rng: Rng,
  turn: { number: number },
  prompt: string,
): Generator<ConcreteStep> {
  for (const step of steps) {
    switch (step.kind) {
      case 'repeat':
        for (let i = 0; i < step.times; i++) {
          yield* unrollSteps(step.steps, script, session, rng, turn, prompt);
        }
        break;
      case 'think':
        yield { kind: 'think', ms: sample(step.ms, rng) };
        break;
      case 'speak':
        turn.number++;
        yield step;
        break;
      case 'ask':
      case 'tool_result': {
        const values = {
          ...script.variables,
          prompt,
          session: String(session),
          turn: String(turn.number),
        };
        turn.number++;
        const drawnMaxTokens =
          step.maxTokens === undefined
            ? undefined
            : Math.max(1, Math.round(sample(step.maxTokens, rng)));
        yield step.kind === 'ask'
          ? { ...step, prompt: fill(step.prompt, values), drawnMaxTokens }
          : { ...step, output: fill(step.output, values), drawnMaxTokens };
        break;
      }
    }
  }
}

/** Replaces `{{name}}`; an unknown name stays as it is (validation has refused it before). */
function fill(text: string, values: Readonly<Record<string, string>>): string {
  if (!text.includes('{{')) return text;
  return text.replace(/\{\{\s*([\w.-]+)\s*\}\}/g, (whole, name: string) => values[name] ?? whole);
}

const shuffles = new WeakMap<readonly string[], Map<string, readonly string[]>>();

/** The text of `{{prompt}}` for a session; wraps around when there are more sessions than texts. */
function promptFor(script: SessionScript, seed: string, session: number): string {
  const { prompts, promptOrder } = script;
  if (prompts.length === 0) return '';
  if (promptOrder === 'sequential') return prompts[session % prompts.length]!;
  let bySeed = shuffles.get(prompts);
  if (!bySeed) shuffles.set(prompts, (bySeed = new Map()));
  let order = bySeed.get(seed);
  if (!order) {
    const shuffled = [...prompts];
    const rng = seededRng(`${seed}/prompts`);
    for (let i = shuffled.length - 1; i > 0; i--) {
      const j = Math.floor(rng() * (i + 1));
      [shuffled[i], shuffled[j]] = [shuffled[j]!, shuffled[i]!];
    }
    bySeed.set(seed, (order = shuffled));
  }
  return order[session % order.length]!;
}
