/** Finds a format by the name that a user gave. */
import { StreamgaugeError } from '../errors.ts';

/**
 * @param what - how a message calls it: `report format "pdf"`.
 * @throws StreamgaugeError `unknown-format` (exit: usage).
 */
export function namedFormat<Name extends string>(
  names: readonly Name[],
  name: string,
  what: string,
): Name {
  const known = names.find((one) => one === name);
  if (known !== undefined) return known;
  throw new StreamgaugeError(`unknown ${what}`, {
    code: 'unknown-format',
    exit: 'usage',
    hints: [`known formats: ${names.join(', ')}`],
  });
}
