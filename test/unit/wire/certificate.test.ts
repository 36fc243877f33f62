import { X509Certificate } from 'node:crypto';
import * as tls from 'node:tls';
import type { AddressInfo } from 'node:net';
import { describe, expect, it } from 'vitest';
import { generateCertificate } from '../../../src/wire/certificate.ts';

describe('the generated certificate', () => {
  it('is for the loopback names and those it is given, valid now and for a day', async () => {
    const now = Date.now();
    const { cert } = await generateCertificate({
      commonName: 'test',
      nowMs: now,
      hosts: ['api.test', '192.0.2.1'],
    });
    const read = new X509Certificate(cert);
    expect(read.checkHost('localhost')).toBe('localhost');
    expect(read.checkIP('127.0.0.1')).toBe('127.0.0.1');
    expect(read.checkIP('::1')).toBeDefined();
    expect(read.checkHost('api.test')).toBe('api.test');
    expect(read.checkIP('192.0.2.1')).toBe('192.0.2.1');
    expect(read.checkHost('example.com')).toBeUndefined();
    expect(Date.parse(read.validFrom)).toBeLessThan(now);
    expect(Date.parse(read.validTo)).toBeGreaterThan(now + 23 * 3600_000);
    expect(Date.parse(read.validTo)).toBeLessThan(now + 25 * 3600_000);
  });

  it('is another one each time', async () => {
    const [a, b] = await Promise.all([
      generateCertificate({ commonName: 'test', nowMs: Date.now() }),
      generateCertificate({ commonName: 'test', nowMs: Date.now() }),
    ]);
    expect(a.key).not.toBe(b.key);
    expect(new X509Certificate(a.cert).serialNumber).not.toBe(
      new X509Certificate(b.cert).serialNumber,
    );
  });

  it('is accepted by a client that is given it, and by no other', async () => {
    const certificate = await generateCertificate({ commonName: 'test', nowMs: Date.now() });
    const server = tls.createServer(certificate, (socket) => socket.end('hello'));
    server.on('tlsClientError', () => undefined);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const read = (ca?: string): Promise<string> =>
      new Promise((resolve, reject) => {
        const socket = tls.connect({ host: '127.0.0.1', port, ...(ca ? { ca } : {}) });
        socket.on('error', reject);
        socket.on('data', (data) => resolve(data.toString()));
      });
    await expect(read(certificate.cert)).resolves.toBe('hello');
    await expect(read()).rejects.toMatchObject({ code: 'DEPTH_ZERO_SELF_SIGNED_CERT' });
    await new Promise((resolve) => server.close(resolve));
  });
});
