/** How much the kernel may keep of what a client does not read. */
import { readFileSync } from 'node:fs';

/** Where it cannot be asked: more than any system has by default. */
const elsewhere = 16e6;

/**
 * Bytes that the kernel holds on one loopback connection at most: the sender's buffer and the
 * receiver's. Machines that are tuned for fast networks allow tens of megabytes, and a test that is to
 * fill them must send more.
 */
export function mostInKernel(): number {
  try {
    return ['tcp_rmem', 'tcp_wmem']
      .map((name) => readFileSync(`/proc/sys/net/ipv4/${name}`, 'utf8'))
      .map((text) => Number(text.trim().split(/\s+/)[2]))
      .reduce((sum, bytes) => sum + bytes, 0);
  } catch {
    return elsewhere;
  }
}
