// @ts-check
/** A service for tests: plain JavaScript, so that it runs as a child of the sources and of the build. */
import inspector from 'node:inspector';

const sleep = (/** @type {number} */ ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** An error as this project's are, without their class. */
const refusal = (/** @type {string} */ message) =>
  Object.assign(new Error(message), {
    name: 'StreamgaugeError',
    code: 'toy-refused',
    exit: 'scenarioInvalid',
    hints: ['ask for something else', 'or not at all'],
    place: { file: 'a.yaml', line: 3, column: 7, length: 4, text: 'a: [nope]' },
  });

export const service = {
  name: 'the toy',
  code: 'toy',
  module: import.meta.url,
  /**
   * @param {{ fail?: boolean, hang?: boolean, hangOnClose?: boolean }} request
   * @param {import('../../../src/process/service.ts').Asker<{ double(input: number): number }>} parent
   */
  async start({ fail, hang, hangOnClose }, parent) {
    if (fail) throw refusal('the toy does not want to');
    if (hang) await sleep(1e9);
    return {
      started: { pid: process.pid },
      calls: {
        echo: (/** @type {unknown} */ value) => value,
        /** Answers later, so that answers overtake each other. */
        async slowEcho(/** @type {{ value: number, ms: number }} */ { value, ms }) {
          await sleep(ms);
          return value;
        },
        refuse() {
          throw refusal('not that');
        },
        breakDown() {
          throw new TypeError('a defect');
        },
        unsendable: () => ({ when: () => 0 }),
        askParent: (/** @type {number} */ value) => parent.ask('double', value),
        about: () => ({
          execArgv: process.execArgv,
          env: { ...process.env },
          inspector: inspector.url() ?? null,
          serialized: new Map([['undefined', undefined]]),
        }),
        crash: () => void setImmediate(() => process.exit(3)),
        never: () => sleep(1e9),
        /** Receives nothing any more. */
        busyForever() {
          for (;;);
        },
      },
      close: () => (hangOnClose ? sleep(1e9).then(() => undefined) : undefined),
    };
  },
};
