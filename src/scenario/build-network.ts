/** The network of an arm: what the model is made of, or what is asked of the kernel. */
import { kernelSupport } from '../fault/network/kernel/support.ts';
import {
  describeNetwork,
  kernelNetwork,
  kernelProblems,
  networkFaults,
  networkProblems,
  type NetworkSettings,
} from '../fault/network/network.ts';
import type { NetworkPlan } from './plan.ts';
import type { Problem } from '../settings/problem.ts';

export function buildNetwork(
  network: NetworkSettings | undefined,
  report: (problem: Problem) => void,
): NetworkPlan | undefined {
  if (!network) return undefined;
  for (const { key, message, hints } of networkProblems(network)) {
    report({ path: ['network', key], code: 'network-mismatch', message, hints });
  }
  if (network.driver === 'kernel') {
    const problems = kernelProblems(network, kernelSupport);
    for (const { key, message, hints } of problems) {
      report({ path: ['network', key], code: 'kernel-network', message, hints });
    }
    if (problems.length > 0) return undefined;
    const kernel = kernelNetwork(network);
    return { description: describeNetwork(network), faults: [], kernel };
  }
  const faults = networkFaults(network);
  if (faults.length === 0) return undefined;
  return { description: describeNetwork(network), faults, kernel: undefined };
}
