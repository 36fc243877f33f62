/**
 * The path from the client to the target: the simulated network and its faults first, then the proxy,
 * then the target. Each part runs in a process of its own.
 */
import * as path from 'node:path';
import { describeFault } from '../fault/registry.ts';
import { startBufferingProxyProcess } from '../proxy/child.ts';
import { startRealProxy } from '../proxy/real/start.ts';
import type { TrialResult } from '../result/schema.ts';
import type { ArmPlan, Plan, ProxyPlan } from '../scenario/plan.ts';
import { addressOf } from '../transport/socket.ts';
import type { Endpoint } from '../transport/transport.ts';
import { startRelayProcess } from './relay-child.ts';

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
    const relay = await startRelayProcess({
      target,
      faults,
      ...(kernel && { kernel }),
      // Not the arm: every arm meets the same weather.
      seed: `${plan.seed}/${trial}/network`,
      ...(plan.file === '' ? {} : { baseDirectory: path.dirname(plan.file) }),
    });
    closers.push(() => relay.close());
    const connectTo = { host: '127.0.0.1', port: relay.port, handshakeMs: relay.roundTripMs };
    return {
      endpoint: { ...direct, connectTo },
      faults: () => relay.effects(),
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

function startProxy(
  proxy: ProxyPlan,
  target: Address,
): Promise<{ port: number; close(): Promise<void> }> {
  return proxy.kind === 'real'
    ? startRealProxy({ ...proxy.settings, target })
    : startBufferingProxyProcess({ ...proxy.settings, target });
}
