/** Which arms a name in a gate stands for. */
import { meantHints } from '../settings/did-you-mean.ts';
import type { GateExpression } from './expression.ts';

/** Stands between an arm's name and what `matrix` has set: `sse @ rtt=40ms`. */
export const variantMark = ' @ ';

/** The name without its variant. */
export function baseName(arm: string): string {
  const at = arm.indexOf(variantMark);
  return at < 0 ? arm : arm.slice(0, at);
}

/** `rtt=40ms`, '' for an arm that is not a variant. */
export function variantOf(arm: string): string {
  const at = arm.indexOf(variantMark);
  return at < 0 ? '' : arm.slice(at + variantMark.length);
}

/** Arms that a name stands for: the one, or all variants of it; without a name, every arm. */
export function armsNamed(name: string | undefined, arms: readonly string[]): string[] {
  if (name === undefined) return [...arms];
  if (arms.includes(name)) return [name];
  return arms.filter((arm) => baseName(arm) === name);
}

/** Names in a gate that match no arm, with what may have been meant. */
export function unknownArms(
  gate: GateExpression,
  arms: readonly string[],
): { name: string; hints: string[] }[] {
  const named = [gate.left.arm];
  if (gate.right.kind === 'operand') named.push(gate.right.operand.arm);
  const known = [...new Set([...arms, ...arms.map(baseName)])];
  return [...new Set(named)]
    .filter((name): name is string => name !== undefined && armsNamed(name, arms).length === 0)
    .map((name) => ({ name, hints: meantHints(name, known) }));
}
