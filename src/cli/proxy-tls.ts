/** What `streamgauge proxy` does with TLS: passes it, or ends it to let faults look inside. */
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { StreamgaugeError, messageOf } from '../errors.ts';
import type { FaultWay } from '../fault/definition.ts';
import type { TlsTermination } from '../fault/relay/tls-ends.ts';
import { generateCertificate } from '../wire/certificate.ts';
import type { World } from '../world.ts';

export interface TlsFlags {
  terminateTls?: boolean;
  tlsCert?: string;
  tlsKey?: string;
  upstreamCa?: string;
}

export interface ProxyTls {
  termination: TlsTermination;
  /** Where the certificate lies that clients have to trust, if it was made for this run. */
  authorityFile: string | undefined;
}

/** As far as TLS is concerned. */
interface Upstream {
  host: string;
  port: number;
  /** Of the URL; undefined where none was given. */
  protocol: string | undefined;
}

const plain = ['http:', 'ws:'];

/** Whether TLS is spoken with the upstream, as far as is known. */
function isSecure({ protocol, port }: Upstream): boolean {
  return protocol === undefined ? port === 443 : !plain.includes(protocol);
}

function usage(message: string, ...hints: string[]): StreamgaugeError {
  return new StreamgaugeError(message, { code: 'usage', exit: 'usage', hints });
}

/** @returns undefined where TLS passes untouched. */
export async function tlsOf(
  flags: TlsFlags,
  upstream: Upstream,
  listenHost: string,
  world: World,
): Promise<ProxyTls | undefined> {
  const { tlsCert, tlsKey, upstreamCa } = flags;
  if ((tlsCert === undefined) !== (tlsKey === undefined)) {
    throw usage('--tls-cert and --tls-key go together', 'or --terminate-tls, which makes both');
  }
  if (!flags.terminateTls && tlsCert === undefined) {
    if (upstreamCa === undefined) return undefined;
    throw usage('--upstream-ca is for TLS that ends here', 'add --terminate-tls');
  }
  if (upstream.protocol !== undefined && !isSecure(upstream)) {
    throw usage(
      `the upstream speaks plain ${upstream.protocol.slice(0, -1)}: there is no TLS to end`,
    );
  }
  const read = (file: string): string => {
    try {
      return world.files.readText(resolve(world.cwd, file));
    } catch (error) {
      throw usage(`cannot read ${file}: ${messageOf(error)}`);
    }
  };
  const given =
    tlsCert === undefined ? undefined : { cert: read(tlsCert), key: read(tlsKey ?? '') };
  const certificate =
    given ??
    (await generateCertificate({
      commonName: 'streamgauge relay',
      nowMs: world.clock.wall(),
      hosts: [...new Set([upstream.host, listenHost])],
    }));
  let authorityFile: string | undefined;
  if (!given) {
    authorityFile = join(tmpdir(), `streamgauge-relay-${process.pid}.pem`);
    world.files.writeText(authorityFile, certificate.cert);
  }
  return {
    authorityFile,
    termination: {
      certificate,
      targetName: upstream.host,
      ca: upstreamCa === undefined ? undefined : read(upstreamCa),
    },
  };
}

/** What faults can count on. */
export function wayTo(upstream: Upstream, tls: ProxyTls | undefined): FaultWay {
  const { protocol = '' } = upstream;
  return {
    ...(/^wss?:$/.test(protocol) ? { transport: 'websocket' } : {}),
    ...(plain.includes(protocol) ? { httpVersion: '1.1' } : {}),
    sealed:
      isSecure(upstream) && !tls
        ? 'add --terminate-tls, with which TLS ends at the proxy'
        : undefined,
  };
}

/** For the user: what a client has to do. */
export function tlsNotes(upstream: Upstream, tls: ProxyTls | undefined): string[] {
  if (tls) {
    return [
      'TLS ends here and begins again with the upstream, whose certificate is checked',
      ...(tls.authorityFile === undefined
        ? []
        : [
            `clients have to trust ${tls.authorityFile}: NODE_EXTRA_CA_CERTS, SSL_CERT_FILE, curl --cacert`,
          ]),
    ];
  }
  const { host, port, protocol } = upstream;
  const loopback = ['localhost', '127.0.0.1', '::1'].includes(host);
  if (protocol === undefined || loopback || !isSecure(upstream)) return [];
  return [
    `TLS passes untouched: the certificate is that of ${host}, so connect with that name (curl --connect-to ${host}:${port}:HOST:PORT)`,
  ];
}
