// @ts-check
/**
 * How long child processes are waited for, all in ms. Every wait for a child ends at one of these, at
 * an abort, or with the child. Plain JavaScript: the children's side reads it too.
 */
export const processLimits = Object.freeze({
  /** Until a Node child serves. A busy machine takes seconds to start Node. */
  startMs: 30_000,
  /** Until a question is answered; a child under full load answers late, not never. */
  callMs: 30_000,
  /** Grace: a Node child that was told to end and is still there after so long is killed (SIGKILL). */
  closeMs: 3000,
  /** Until the kernel has taken away what was killed; then it is no longer waited for. */
  killMs: 5000,
  /** A child asks the kernel so often whether its parent still lives, in case the closed pipe goes unnoticed. */
  parentCheckMs: 1000,
  /** Until an installed program accepts connections: Varnish runs a C compiler first. */
  programStartMs: 30_000,
  /** Grace: an installed program that was told to end (SIGTERM) is killed after so long. */
  programStopMs: 5000,
  /** A command that is run for what it prints or does (`ip`, `nft`). */
  commandMs: 30_000,
});
