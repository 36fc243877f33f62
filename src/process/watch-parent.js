// @ts-check
/**
 * A child notices its parent's end when their pipe closes, unless it is in an endless loop and notices nothing
 * any more. A second thread asks the kernel, and kills this process when it has another parent.
 */
import { Worker } from 'node:worker_threads';
import { processLimits } from './limits.js';

const watch = `const { workerData } = require('node:worker_threads');
setInterval(() => {
  if (process.ppid !== workerData.parent) process.kill(process.pid, 'SIGKILL');
}, workerData.everyMs);`;

/** @param {number} parent - number of the process that started this one */
export function watchParent(parent) {
  const worker = new Worker(watch, {
    eval: true,
    // Nothing that is preloaded elsewhere.
    env: {},
    execArgv: [],
    workerData: { parent, everyMs: processLimits.parentCheckMs },
  });
  // Without the thread, the pipe alone says when the parent is gone.
  worker.on('error', () => {});
  worker.unref();
}
