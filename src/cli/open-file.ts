/**
 * Shows a file in whatever the user's desktop opens it with. The one process that is started to outlive
 * this one, and with the user's whole environment: it belongs to the desktop.
 */
import { spawn } from 'node:child_process';

const openers: Readonly<Record<string, readonly [command: string, ...args: string[]]>> = {
  darwin: ['open'],
  win32: ['cmd', '/c', 'start', ''],
};

/**
 * Starts the desktop's opener and does not wait for it.
 *
 * @returns false where there is none (a server without a desktop).
 */
export function openFile(file: string): Promise<boolean> {
  const [command, ...args] = openers[process.platform] ?? ['xdg-open'];
  return new Promise((resolve) => {
    const child = spawn(command, [...args, file], { stdio: 'ignore', detached: true });
    child.once('error', () => resolve(false));
    child.once('spawn', () => {
      child.unref();
      resolve(true);
    });
  });
}
