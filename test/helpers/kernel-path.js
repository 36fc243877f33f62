// Child of the kernel tests, run inside a network namespace:
//   node kernel-path.js receive <address> <port> <chunkBytes>
//   node kernel-path.js send <address> <port> <chunkBytes> <intervalMs> <chunks> <connections>
// Prints one JSON array per connection: for `send` when each chunk was written, for `receive` when each
// had arrived whole; monotonic ms. Each connection first sends its number as four bytes.
import * as net from 'node:net';

// The parent is gone, whatever ended it. Waiting for that must not keep a sender that is done.
process.stdin.resume().on('end', () => process.exit());
process.stdin.unref();

const [role, address, port, chunkBytes, intervalMs, chunks, connections] = process.argv.slice(2);
const bytesEach = Number(chunkBytes);
const now = () => Number(process.hrtime.bigint()) / 1e6;
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

if (role === 'receive') {
  const server = net.createServer((socket) => {
    const arrivals = [];
    let header = Buffer.alloc(0);
    let bytes = 0;
    socket.on('data', (data) => {
      const atMs = now();
      if (header.length < 4) {
        const missing = 4 - header.length;
        header = Buffer.concat([header, data.subarray(0, missing)]);
        data = data.subarray(missing);
      }
      bytes += data.length;
      while ((arrivals.length + 1) * bytesEach <= bytes) arrivals.push(atMs);
    });
    socket.on('end', () => {
      console.log(JSON.stringify([header.readUInt32BE(), ...arrivals]));
    });
  });
  server.listen(Number(port), address, () => console.log('"ready"'));
} else {
  const chunk = Buffer.alloc(bytesEach);
  await Promise.all(
    Array.from({ length: Number(connections) }, async (_, number) => {
      // Spread over the interval, so that connections do not write at one instant.
      await pause((number * Number(intervalMs)) / Number(connections));
      const socket = net.connect({ host: address, port: Number(port), noDelay: true });
      await new Promise((resolve, reject) => socket.once('connect', resolve).once('error', reject));
      const header = Buffer.alloc(4);
      header.writeUInt32BE(number);
      socket.write(header);
      await pause(2 * Number(intervalMs) + 100);
      const written = [];
      const startMs = now();
      for (let index = 0; index < Number(chunks); index++) {
        const waitMs = startMs + index * Number(intervalMs) - now();
        if (waitMs > 0) await pause(waitMs);
        written.push(now());
        socket.write(chunk);
      }
      await pause(2000);
      socket.end();
      await new Promise((resolve) => socket.once('close', resolve));
      console.log(JSON.stringify([number, ...written]));
    }),
  );
}
