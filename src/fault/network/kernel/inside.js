// The process inside a network namespace: runs commands there and makes sockets there, which it hands
// to the parent. A socket belongs to the namespace it was made in, whoever uses it afterwards.
//
// Started by `unshare --net node inside.js`, so that the namespace has no name and is gone with its last
// process and socket, however these end. Plain JavaScript: it also runs beside the TypeScript sources.
import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import * as net from 'node:net';

/** @type {net.Server | undefined} */
let listening;

/** @param {string[]} command @param {string} input */
function run([program, ...words], input) {
  return new Promise((resolve, reject) => {
    const child = execFile(program, words, (error, stdout, stderr) => {
      if (error)
        reject(new Error(`${program} ${words.join(' ')}: ${stderr.trim() || error.message}`));
      else resolve(stdout);
    });
    // A program that ends without reading says why itself.
    child.stdin?.on('error', () => {});
    child.stdin?.end(input);
  });
}

/** @type {Record<string, (id: number, request: any) => Promise<void>>} */
const actions = {
  async run(id, { command, input }) {
    process.send({ id, output: await run(command, input) });
  },
  async write(id, { file, text }) {
    await writeFile(file, text);
    process.send({ id });
  },
  async listen(id, { host, backlog }) {
    const server = net.createServer();
    listening = server;
    await new Promise((resolve, reject) => {
      server.once('error', reject);
      server.listen({ host, port: 0, backlog }, resolve);
    });
    process.send({ id, port: server.address().port }, server);
  },
  /** The parent has the listening socket; with a copy here, some connections would be taken here. */
  async release(id) {
    listening?.close();
    process.send({ id });
  },
  async connect(id, { host, port }) {
    const socket = net.connect({ host, port, allowHalfOpen: true, noDelay: true });
    // Whatever the other side says first is for the parent to read.
    socket.pause();
    await new Promise((resolve, reject) => {
      socket.once('error', reject);
      socket.once('connect', resolve);
    });
    process.send({ id }, socket);
  },
};

process.on('message', (request) => {
  const { id, action } = request;
  actions[action](id, request).catch((error) => {
    if (process.connected) process.send({ id, error: error.message });
  });
});
// The parent has gone, or wants us gone.
process.once('disconnect', () => process.exit(0));
// A Ctrl-C in the terminal reaches the whole group; the parent decides when to stop.
process.on('SIGINT', () => {});
process.send({ id: 0 });
