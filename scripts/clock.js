// @ts-check
/**
 * Who may ask the machine for the time or set one of its timers. Everything else is handed a `Clock` or
 * a `Scheduler`, so that a test can put virtual time in its place. `npm run generate` turns this into
 * lint rules (.oxlint-layers.json), and test/unit/project/clock.test.ts plants each way round them.
 */

/** Each file that may, and why. */
export const clockOwners = [
  { files: 'src/world.ts', why: 'the clock itself' },
  { files: 'src/wall-time.ts', why: 'writes and reads dates; asks for no time' },
  { files: 'src/timer/real-scheduler.ts', why: 'the one timer of Node under all others' },
  { files: 'src/timer/virtual-scheduler.ts', why: 'gives promises their turn between two entries' },
  { files: 'src/process/**', why: 'watches other processes, whose time is the real one' },
];

const why = "time comes from the Scheduler or Clock handed in; see AGENTS.md, 'Time'";

const timers = [
  'setTimeout',
  'setInterval',
  'setImmediate',
  'clearTimeout',
  'clearInterval',
  'clearImmediate',
];
const globals = [...timers, 'Date'];
const properties = [
  ['performance', 'now'],
  ['performance', 'timeOrigin'],
  ['process', 'hrtime'],
  ['process', 'uptime'],
  ['AbortSignal', 'timeout'],
  ...['globalThis', 'global'].flatMap((object) => globals.map((name) => [object, name])),
];

/** Names that must not be imported: they would be the machine's time under another name. */
const imports = [
  { group: ['**/world.ts'], importNames: ['monotonicNow', 'realClock'], message: why },
  { group: ['node:timers', 'node:timers/*', 'timers', 'timers/*'], message: why },
];

/**
 * @typedef {object} Restriction
 * @property {string} regex - of import paths
 * @property {string} message - why
 */

/**
 * The value of `no-restricted-imports`. There is one for both rules of this project, since of two that
 * match a file the later replaces the earlier.
 *
 * @param {Restriction | undefined} forbidden - what the layers forbid
 * @param {boolean} isOwner - whether the clock may be imported
 */
export function restrictedImports(forbidden, isOwner) {
  const patterns = [...(forbidden ? [forbidden] : []), ...(isOwner ? [] : imports)];
  return { 'no-restricted-imports': patterns.length > 0 ? ['error', { patterns }] : 'off' };
}

/** Lint rules that ban the globals. */
export const withoutClock = {
  files: ['src/**', 'mock-server/**'],
  rules: {
    'no-restricted-globals': ['error', ...globals.map((name) => ({ name, message: why }))],
    'no-restricted-properties': [
      'error',
      ...properties.map(([object, property]) => ({ object, property, message: why })),
    ],
  },
};

/** Lint rules that allow them again. */
export const withClock = { 'no-restricted-globals': 'off', 'no-restricted-properties': 'off' };
