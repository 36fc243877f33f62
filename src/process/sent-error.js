// @ts-check
/**
 * An error on its way to another process: all that a message to a user is made from. A cause does not
 * travel. Plain JavaScript, so that a child can run it both from the TypeScript sources and from the build; how it becomes a
 * StreamgaugeError again is in received-error.ts.
 *
 * @typedef {object} SentError
 * @property {string} message
 * @property {string | undefined} [code] absent: an error that no user was meant to see, a defect
 * @property {string | undefined} [exit] a name of src/exit-codes.ts
 * @property {readonly string[]} [hints]
 * @property {import('../errors.ts').SourcePlace} [place]
 * @property {readonly SentError[]} [errors] several errors found at once
 * @property {string | undefined} [stack] where it was thrown
 */

/**
 * @param {unknown} thrown
 * @returns {SentError}
 */
export function sentErrorOf(thrown) {
  if (!(thrown instanceof Error)) return { message: String(thrown) };
  const { message, stack } = thrown;
  if (thrown.name !== 'StreamgaugeError') return { message, stack };
  // By its fields: this file runs without the class.
  const { code, exit, hints, place, errors } = /** @type {any} */ (thrown);
  return {
    message,
    code,
    exit,
    hints: [...hints],
    place,
    ...(Array.isArray(errors) && { errors: errors.map(sentErrorOf) }),
    stack,
  };
}
