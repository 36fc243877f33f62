/**
 * Every exit code of the command line, once. Docs and `--help` are generated from this table.
 * Equal to k6's where the meaning is equal (99, 104, 105); clear of Node's 1–14 otherwise.
 *
 * @example
 * ```js
 * import { exitCodes } from 'streamgauge';
 *
 * console.log(exitCodes.gateFailed.code); // 99
 * ```
 */
export const exitCodes = {
  ok: { code: 0, meaning: 'done; every gate passed' },
  crash: { code: 1, meaning: 'unexpected internal error' },
  usage: { code: 2, meaning: 'wrong command-line usage' },
  unreachable: { code: 95, meaning: 'target unreachable, or every session failed to connect' },
  invalid: { code: 96, meaning: 'measurement invalid: the harness, not the target, was the limit' },
  inconclusive: {
    code: 97,
    meaning: 'inconclusive where a gate demands a verdict; `diagnose` cannot tell',
  },
  regression: { code: 98, meaning: 'regression against the baseline' },
  gateFailed: { code: 99, meaning: 'a gate failed; `diagnose` found a stream held back or cut' },
  scenarioInvalid: { code: 104, meaning: 'scenario file invalid' },
  aborted: { code: 105, meaning: 'aborted by a signal; partial results were kept' },
} as const satisfies Record<string, { code: number; meaning: string }>;

export type ExitCodeName = keyof typeof exitCodes;
