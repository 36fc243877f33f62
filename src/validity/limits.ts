/**
 * Every limit of validity, once, with its reason. Past the first group a run is INVALID: its numbers
 * are shown and no gate passes. Past the second group it carries a warning.
 */

/** The harness itself, not the target, was the bottleneck. */
export const invalidLimits = {
  /**
   * Event-loop delay at p99, ms. An event that arrives while the loop is busy is stamped this much
   * late; 20 ms is the size of a whole inter-token gap at 50 tokens/s, so beyond it gaps are the
   * harness's own.
   */
  eventLoopDelayP99Ms: 20,
  /**
   * Share of the measured time that the loop was busy. Queueing delay grows as 1/(1 − u): at 0.95 an
   * event waits twenty times as long as on an idle loop.
   */
  eventLoopUtilization: 0.95,
  /**
   * Schedule lag at p99, ms. Sessions that start a quarter of a second late are not the load that
   * was asked for, and their lateness hides the target's queueing (coordinated omission).
   */
  scheduleLagP99Ms: 250,
} as const;

/** Numbers that are true but easily misread. */
export const warningLimits = {
  /** Half of the invalid limit: visible in the gaps, not yet ruling them. */
  eventLoopDelayP99Ms: 10,
  /** Waiting on the loop has doubled against an idle one at 0.5 and quadrupled at 0.75. */
  eventLoopUtilization: 0.75,
  /** A tenth of the shortest delay that a person notices at a keyboard (about 100 ms), times five. */
  scheduleLagP99Ms: 50,
  /** Share of sessions that may wait under max_concurrency before the load is no longer open. */
  waitedShare: 0.01,
  /** Mean events per socket read; 1 when each came on its own. */
  eventsPerRead: 1.5,
  /** Mean tokens per event; 1 when each token was sent on its own. */
  tokensPerEvent: 1.5,
  /** The mock server's lateness at p99, ms: twice its promise under its rated load. */
  mockLatenessP99Ms: 4,
  /** Instrument error at p99, ms: a fifth of a 20 ms gap. Always shown; above this it is a warning. */
  instrumentErrorP99Ms: 4,
  /** Share of tool-result steps that may be skipped for want of a tool call. */
  toolResultsSkipped: 0,
} as const;

/** What bursts must have in common to be a buffer's. */
export const bufferingLimits = {
  /** Fewer whole bursts in all of a run agree by chance. */
  bursts: 5,
  /** Mean token events of a burst. Two come together on a clean path where a gap is short. */
  eventsPerBurst: 2,
  /**
   * Standard deviation of sizes or distances against their mean, the half event that lies across a
   * buffer's end taken off. Bursts by chance spread about as widely as they are long: near 1.
   */
  spread: 0.1,
  /** Least period, ms; below it the client's reading could be the rhythm. */
  periodMs: 30,
  /** Share of completed answers that came in one piece. */
  atOnceShare: 0.5,
} as const;

/**
 * How many samples must lie above a percentile for it to be shown unmarked. The relative standard
 * error of a tail count k is about 1/√k: 22 % at 20.
 */
export const samplesAbovePercentile = 20;
