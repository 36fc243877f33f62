/** What a directive does, and what is known in addition to the configuration. */
import type { ConfigFinding } from '../diagnosis.ts';
import type { Directive } from './syntax.ts';

export interface KnownFacts {
  /** `1.22.1`, or the Server header that says so. */
  nginxVersion?: string | undefined;
  /** Headers that the target itself sends (seen on the direct path), names in lower case. */
  targetHeaders?: Readonly<Record<string, string>> | undefined;
}

export function findingAt(
  directive: Directive,
  severity: ConfigFinding['severity'],
  message: string,
  fix = '',
): ConfigFinding {
  const { file, line, column, text } = directive;
  return { file, line, column, text, severity, message, fix };
}
