/** The seam between a verdict and what fixes it: one file for each component, listed in `registry.ts`. */
import type { ComponentId, Fix, Verdict, VerdictKind } from '../diagnosis.ts';

/** A fix without the component, which its file names once. */
export type FixText = Omit<Fix, 'component'>;

/** Fixed lines, or lines that a number of the verdict goes into. */
export type Remedy = readonly FixText[] | ((verdict: Verdict) => readonly FixText[]);

export interface ComponentFixes {
  component: ComponentId;
  /** Headers of the answer (X-Accel-Buffering, no-transform, the content type) change what it holds back. */
  obeysHeaders: boolean;
  /** By what is to be fixed, the surest fix first. A kind that is missing cannot come from here. */
  remedies: Partial<Record<VerdictKind, Remedy>>;
}

/**
 * Seconds between two comments that keep a connection from being idle: a third of the limit, so that
 * one may be lost, at most 15 s.
 */
export function heartbeatSeconds(verdict: Verdict): number {
  if (verdict.limit_ms === undefined) return 15;
  return Math.max(1, Math.min(15, Math.floor(verdict.limit_ms / 3000)));
}
