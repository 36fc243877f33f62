/** Warnings of a run, joined by kind. */
import type { Result } from '../../result/schema.ts';
import type { WarningView } from './report-model.ts';

/** More messages of one kind than this are counted: they differ in a number only. */
const mostNotes = 5;

function fewNotes(notes: WarningView['notes']): WarningView['notes'] {
  if (notes.length <= mostNotes) return notes;
  const kept = notes.slice(0, mostNotes - 1);
  const left = notes.slice(mostNotes - 1).reduce((sum, { arms }) => sum + arms.length, 0);
  return [...kept, { arms: [], message: `and similar ones in ${left} more arms` }];
}

/** Warnings of one kind become one, so that a remedy is read once. */
export function warningViews(result: Result): WarningView[] {
  const kinds = new Map<string, { view: WarningView; notes: Map<string, string[]> }>();
  for (const { code, arm, message, remedy } of result.warnings) {
    const key = `${code}\n${remedy}`;
    const kind = kinds.get(key) ?? { view: { code, remedy, notes: [] }, notes: new Map() };
    kinds.set(key, kind);
    const arms = kind.notes.get(message) ?? [];
    kind.notes.set(message, arms);
    if (arm !== null) arms.push(arm);
  }
  return [...kinds.values()].map(({ view, notes }) => ({
    ...view,
    notes: fewNotes([...notes].map(([message, arms]) => ({ message, arms }))),
  }));
}
