// The process inside a network namespace: runs commands there and makes sockets there, which it hands
// to the parent. A socket belongs to the namespace it was made in, whoever uses it afterwards.
//
// Started by `unshare --net`, so that the namespace has no name and is gone with its last process and
// socket, however these end. Plain JavaScript: it also runs beside the TypeScript sources.
import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import * as net from 'node:net';
import { WithHandle } from '../../../process/channel.js';
import { processLimits } from '../../../process/limits.js';

/** @type {net.Server | undefined} */
let listening;

const calls = {
  /** @param {{ command: readonly string[], input: string }} given */
  run({ command: [program, ...words], input }) {
    const limits = {
      timeout: processLimits.commandMs,
      killSignal: /** @type {const} */ ('SIGKILL'),
    };
    return new Promise((resolve, reject) => {
      const child = execFile(program, words, limits, (error, stdout, stderr) => {
        if (error)
          reject(new Error(`${program} ${words.join(' ')}: ${stderr.trim() || error.message}`));
        else resolve(stdout);
      });
      // A program that ends without reading says why itself.
      child.stdin?.on('error', () => {});
      child.stdin?.end(input);
    });
  },
  /** @param {{ file: string, text: string }} given */
  write: ({ file, text }) => writeFile(file, text),
  /** @param {{ host: string, backlog: number }} given */
  async listen({ host, backlog }) {
    const server = net.createServer();
    listening = server;
    await new Promise((resolve, reject) => {
      server.once('error', reject);
      server.listen({ host, port: 0, backlog }, resolve);
    });
    return new WithHandle({ port: server.address().port }, server);
  },
  /** The parent has the listening socket; with a copy here, some connections would be taken here. */
  release: () => void listening?.close(),
  /** @param {{ host: string, port: number }} given */
  async connect({ host, port }) {
    const socket = net.connect({ host, port, allowHalfOpen: true, noDelay: true });
    // Whatever the other side says first is for the parent to read.
    socket.pause();
    await new Promise((resolve, reject) => {
      socket.once('error', reject);
      socket.once('connect', resolve);
    });
    return new WithHandle(undefined, socket);
  },
};

export const service = {
  name: 'the process in the network namespace',
  start: () => ({ started: undefined, calls, close: () => {} }),
};
