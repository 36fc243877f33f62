// @ts-check
/** A headless Chromium, driven over its DevTools protocol: just what checking a report needs. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

import { WebSocket } from 'ws';

/**
 * @typedef {object} Page
 * @property {(method: string, params?: object) => Promise<any>} send - one DevTools command
 * @property {(method: string, listener: (params: any) => void) => void} on - a DevTools event
 */

const names = ['chromium', 'chromium-browser', 'google-chrome', 'chrome'];

/** The browser's program, or undefined. `CHROMIUM` in the environment names another. */
export function findChromium() {
  const folders = (process.env['PATH'] ?? '').split(path.delimiter);
  const candidates = folders.flatMap((folder) => names.map((name) => path.join(folder, name)));
  return [process.env['CHROMIUM'], ...candidates].find((file) => file && fs.existsSync(file));
}

/**
 * Runs `use` with an empty page and closes the browser.
 *
 * @template T
 * @param {string} program
 * @param {(page: Page) => Promise<T>} use
 * @returns {Promise<T>}
 */
export async function withPage(program, use) {
  const profile = fs.mkdtempSync(path.join(os.tmpdir(), 'streamgauge-chromium-'));
  const browser = spawn(
    program,
    [
      '--headless=new',
      '--no-sandbox',
      '--disable-gpu',
      '--disable-dev-shm-usage',
      '--hide-scrollbars',
      '--remote-debugging-port=0',
      `--user-data-dir=${profile}`,
      'about:blank',
    ],
    { stdio: ['ignore', 'ignore', 'pipe'] },
  );
  const ended = once(browser, 'exit');
  try {
    const port = await debuggingPort(browser);
    const answer = await fetch(`http://127.0.0.1:${port}/json/list`);
    const targets = /** @type {{ type: string; webSocketDebuggerUrl: string }[]} */ (
      await answer.json()
    );
    const target = targets.find(({ type }) => type === 'page');
    if (!target) throw new Error('the browser has no page');
    const socket = new WebSocket(target.webSocketDebuggerUrl, { perMessageDeflate: false });
    await once(socket, 'open');
    try {
      return await use(pageOver(socket));
    } finally {
      socket.close();
    }
  } finally {
    browser.kill();
    await ended;
    // Its helper processes may still write for a moment; what is left lies in a temporary folder.
    try {
      fs.rmSync(profile, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
    } catch {
      // The system clears it.
    }
  }
}

/**
 * @param {import('node:child_process').ChildProcess} browser
 * @returns {Promise<string>}
 */
function debuggingPort(browser) {
  return new Promise((resolve, reject) => {
    let text = '';
    browser.stderr?.on('data', (/** @type {Buffer} */ bytes) => {
      text += bytes.toString();
      const found = /DevTools listening on ws:\/\/127\.0\.0\.1:(\d+)\//.exec(text);
      if (found?.[1]) resolve(found[1]);
    });
    browser.once('error', reject);
    browser.once('exit', (status) => reject(new Error(`the browser ended (${status}): ${text}`)));
  });
}

/**
 * @param {WebSocket} socket
 * @returns {Page}
 */
function pageOver(socket) {
  let lastId = 0;
  /** @type {Map<number, { resolve: (result: any) => void; reject: (error: Error) => void }>} */
  const waiting = new Map();
  /** @type {Map<string, ((params: any) => void)[]>} */
  const listeners = new Map();
  socket.on('message', (/** @type {Buffer} */ raw) => {
    const message = JSON.parse(raw.toString('utf8'));
    const caller = waiting.get(message.id);
    if (caller) {
      waiting.delete(message.id);
      if (message.error) caller.reject(new Error(message.error.message));
      else caller.resolve(message.result);
      return;
    }
    for (const listener of listeners.get(message.method) ?? []) listener(message.params);
  });
  return {
    send: (method, params = {}) =>
      new Promise((resolve, reject) => {
        lastId += 1;
        waiting.set(lastId, { resolve, reject });
        socket.send(JSON.stringify({ id: lastId, method, params }));
      }),
    on: (method, listener) => {
      listeners.set(method, [...(listeners.get(method) ?? []), listener]);
    },
  };
}
