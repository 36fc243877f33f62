/**
 * A throw-away certificate for TLS ports on loopback: the mock server's, the relay's. Clients that
 * insist on `wss:` (the official Realtime client does) are given it as their `ca`; it is trusted by
 * no one else and is valid for a day.
 */
import { isIP } from 'node:net';
import { generate } from 'selfsigned';
import { dateAt } from '../wall-time.ts';

/** Both in PEM. */
export interface ServerCertificate {
  key: string;
  cert: string;
}

const dayMs = 24 * 60 * 60 * 1000;

export interface CertificateOptions {
  /** Whose it is. */
  commonName: string;
  /** Names and addresses in addition to `localhost`, 127.0.0.1 and ::1. */
  hosts?: readonly string[];
  /** Wall-clock ms since the epoch, as its clients have it. */
  nowMs: number;
}

/**
 * Generates a key pair and a self-signed certificate. It is valid from an hour ago, so that a client
 * whose clock is a little behind accepts it.
 */
export async function generateCertificate({
  commonName,
  hosts = [],
  nowMs,
}: CertificateOptions): Promise<ServerCertificate> {
  const made = await generate([{ name: 'commonName', value: commonName }], {
    // EC: an RSA key takes a second of start-up time.
    keyType: 'ec',
    curve: 'P-256',
    algorithm: 'sha256',
    notBeforeDate: dateAt(nowMs - dayMs / 24),
    notAfterDate: dateAt(nowMs + dayMs),
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
          ...hosts.map((host) =>
            isIP(host) ? ({ type: 7, ip: host } as const) : ({ type: 2, value: host } as const),
          ),
        ],
      },
    ],
  });
  return { key: made.private, cert: made.cert };
}
