/**
 * The path from the client to the target: the simulated network and its faults first, then the proxy,
 * then the target. Each part runs in a separate process.
 */
import * as path from 'node:path';
import { describeFault, lookInside } from '../fault/registry.ts';
import type { TlsTermination } from '../fault/relay/tls-ends.ts';
import { startBufferingProxyProcess } from '../proxy/proxy-process.ts';
import { startRealProxy } from '../proxy/real/start.ts';
import type { TrialResult } from '../result/schema.ts';
import type { ArmPlan, Plan, ProxyPlan } from '../scenario/plan.ts';
import { addressOf } from '../transport/socket.ts';
import type { Endpoint } from '../transport/transport.ts';
import { generateCertificate } from '../wire/certificate.ts';
import type { Clock } from '../world.ts';
import { startRelayProcess } from './relay-process.ts';

export interface OpenPath {
  /** Where sessions connect. */
  endpoint: Endpoint;
  /** What every fault has done so far. */
  faults(): Promise<TrialResult['faults']>;
  close(): Promise<void>;
}

type Address = { host: string; port: number };

/** Network and faults of an arm in one phrase. */
export function describePath(arm: ArmPlan): string {
  const parts = [
    ...(arm.network ? [arm.network.description] : []),
    ...arm.faults.map((fault) => describeFault(fault)),
  ];
  return parts.join('; ') || 'direct';
}

/**
 * Starts what lies between client and target.
 *
 * @throws StreamgaugeError where a part cannot start; what had started is ended.
 */
export async function openPath(
  direct: Endpoint,
  arm: ArmPlan,
  plan: Plan,
  trial: number,
  clock: Pick<Clock, 'wall'>,
): Promise<OpenPath> {
  const closers: (() => Promise<void>)[] = [];
  const close = async (): Promise<void> => {
    for (const end of closers.splice(0).reverse()) await end();
  };
  try {
    const { host, port } = addressOf(direct);
    let target: Address = { host, port };
    if (arm.proxy) {
      const proxy = await startProxy(arm.proxy, target);
      closers.push(() => proxy.close());
      target = { host: '127.0.0.1', port: proxy.port };
    }
    const faults = [...(arm.network?.faults ?? []), ...arm.faults];
    const kernel = arm.network?.kernel;
    if (faults.length === 0 && !kernel) {
      const connectTo = arm.proxy ? { connectTo: { ...target, handshakeMs: 0 } } : {};
      return { endpoint: { ...direct, ...connectTo }, faults: () => Promise.resolve([]), close };
    }
    const tls = await terminationOf(direct, arm, clock);
    const relay = await startRelayProcess({
      target,
      faults,
      dialect: arm.dialect,
      ...(tls && { tls }),
      ...(kernel && { kernel }),
      // Not the arm: every arm meets the same losses and delays.
      seed: `${plan.seed}/${trial}/network`,
      ...(plan.file === '' ? {} : { baseDirectory: path.dirname(plan.file) }),
    });
    closers.push(() => relay.close());
    const connectTo = { host: '127.0.0.1', port: relay.port, handshakeMs: relay.roundTripMs };
    return {
      endpoint: { ...direct, connectTo, ...(tls && { tls: trusting(tls) }) },
      faults: () => relay.effects(),
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/**
 * How TLS ends at the relay: where the arm says so, and on the mock's TLS where a fault must look
 * inside. Undefined where it passes untouched.
 */
async function terminationOf(
  direct: Endpoint,
  arm: ArmPlan,
  clock: Pick<Clock, 'wall'>,
): Promise<TlsTermination | undefined> {
  if (!addressOf(direct).secure) return undefined;
  const needed = arm.target.kind === 'mock' && lookInside(arm.faults);
  if (!needed && !arm.tls.terminate) return undefined;
  const name = direct.baseUrl.hostname.replace(/^\[(.*)\]$/, '$1');
  return {
    certificate: await generateCertificate({
      commonName: 'streamgauge relay',
      hosts: [name],
      nowMs: clock.wall(),
    }),
    targetName: name,
    ca: direct.tls.ca,
    rejectUnauthorized: direct.tls.rejectUnauthorized,
  };
}

/** What a client checks that meets the relay's certificate instead of the target's. */
function trusting({ certificate }: TlsTermination): Endpoint['tls'] {
  return { rejectUnauthorized: true, ca: certificate.cert };
}

function startProxy(
  proxy: ProxyPlan,
  target: Address,
): Promise<{ port: number; close(): Promise<void> }> {
  return proxy.kind === 'real'
    ? startRealProxy({ ...proxy.settings, target })
    : startBufferingProxyProcess({ ...proxy.settings, target });
}
