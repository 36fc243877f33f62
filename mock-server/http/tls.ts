/**
 * A throw-away certificate for the TLS port. Clients that insist on `wss:` (the official Realtime
 * client does) are given it as their `ca`; it is trusted by nobody else and lives for a day.
 */
import { generate } from 'selfsigned';

/** Both in PEM. */
export interface ServerCertificate {
  key: string;
  cert: string;
}

const dayMs = 24 * 60 * 60 * 1000;

/**
 * Generates a key pair and a self-signed certificate for `localhost`, 127.0.0.1 and ::1. It is
 * valid from an hour ago, so that a client whose clock is a little behind accepts it.
 *
 * @param now - wall-clock ms since the epoch.
 */
export async function generateCertificate(now = Date.now()): Promise<ServerCertificate> {
  const made = await generate([{ name: 'commonName', value: 'streamgauge mock server' }], {
    // EC: an RSA key takes a second of start-up time.
    keyType: 'ec',
    curve: 'P-256',
    algorithm: 'sha256',
    notBeforeDate: new Date(now - dayMs / 24),
    notAfterDate: new Date(now + dayMs),
    extensions: [
      // Its own authority: a client that lists it as `ca` must be able to end the chain here.
      { name: 'basicConstraints', cA: true, critical: true },
      { name: 'keyUsage', digitalSignature: true, keyCertSign: true, critical: true },
      { name: 'extKeyUsage', serverAuth: true },
      {
        name: 'subjectAltName',
        altNames: [
          { type: 2, value: 'localhost' },
          { type: 7, ip: '127.0.0.1' },
          { type: 7, ip: '::1' },
        ],
      },
    ],
  });
  return { key: made.private, cert: made.cert };
}
