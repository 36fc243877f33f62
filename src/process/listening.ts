/** When a program that was started listens on its port. */
import * as net from 'node:net';
import type { GuardedProgram } from './guarded-program.ts';
import { processLimits } from './limits.js';

/** How often it is tried. */
const pollMs = 20;

/**
 * Waits until a program accepts connections on a port of loopback.
 *
 * @returns false where it ended, or does not accept any within `processLimits.programStartMs`.
 */
export async function untilListening(program: GuardedProgram, port: number): Promise<boolean> {
  const giveUpAt = performance.now() + processLimits.programStartMs;
  while (!program.gone && performance.now() < giveUpAt) {
    if (await accepts(port)) return true;
    await new Promise((resolve) => setTimeout(resolve, pollMs));
  }
  return false;
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = net.connect(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
