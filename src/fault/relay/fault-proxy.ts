/** A relay whose faults are named by their settings: what the command line and the HTTP API work on. */
import type { FaultEnvironment, FaultWay } from '../definition.ts';
import type { Ending, Fault, Traffic } from '../fault.ts';
import { checkFit, describeFault, makeFaults, type FaultSpec } from '../registry.ts';
import { startRelay, type RelayOptions, type RelayStats, type RunningRelay } from './relay.ts';

export interface FaultProxyOptions extends Omit<RelayOptions, 'faults' | 'handshakeMs'> {
  faults: readonly FaultSpec[];
  environment: FaultEnvironment;
  /** What is known of what passes, by which faults that cannot happen are refused. */
  way?: FaultWay;
}

export interface FaultProxyStatus extends Omit<RelayStats, 'fired'> {
  /** `fired` is how often it acted; `traffic` what its modelled sender put on the wire. */
  faults: { fault: FaultSpec; description: string; fired: number; traffic?: Traffic }[];
}

export interface FaultProxy {
  readonly host: string;
  readonly port: number;
  readonly faults: readonly FaultSpec[];
  /** What the faults add to the round trip of an idle path, ms; a TCP handshake costs it. */
  readonly roundTripMs: number;
  status(): FaultProxyStatus;
  /** For running connections too. @throws StreamgaugeError; the old faults then stay. */
  setFaults(specs: readonly FaultSpec[]): void;
  /** The faults of the start, and every count at 0. */
  reset(): void;
  /** Ends every open connection; says how many. */
  dropConnections(how: Ending): number;
  close(): Promise<void>;
}

/**
 * @throws StreamgaugeError where it cannot listen, a fault names a file that cannot be used, or cannot
 *   happen on this way.
 */
export async function startFaultProxy(options: FaultProxyOptions): Promise<FaultProxy> {
  const { environment, faults: atStart, way = {}, ...rest } = options;
  let specs = atStart;
  checkFit(specs, way);
  let faults: Fault[] = makeFaults(specs, environment);
  const relay: RunningRelay = await startRelay({ ...rest, faults });

  function setFaults(next: readonly FaultSpec[]): void {
    checkFit(next, way);
    faults = makeFaults(next, environment);
    specs = next;
    relay.setFaults(faults);
  }

  return {
    host: relay.host,
    port: relay.port,
    get faults() {
      return specs;
    },
    get roundTripMs() {
      return faults.reduce((sum, fault) => sum + (fault.roundTripMs ?? 0), 0);
    },
    status() {
      const { fired, ...stats } = relay.stats();
      return {
        ...stats,
        faults: specs.map((fault, index) => ({
          fault,
          description: describeFault(fault),
          fired: fired[index] ?? 0,
          ...(faults[index]?.traffic && { traffic: { ...faults[index].traffic } }),
        })),
      };
    },
    setFaults,
    reset() {
      setFaults(atStart);
      relay.resetCounters();
    },
    dropConnections: (how) => relay.dropConnections(how),
    close: () => relay.close(),
  };
}
