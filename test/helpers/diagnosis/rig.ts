/** The parent's side of the servers that diagnosis is tried on. */
import type { MockOptions } from '../../../mock-server/index.ts';
import type { FaultSpec } from '../../../src/fault/registry.ts';
import type { NetworkSettings } from '../../../src/fault/network/network.ts';
import { nodeCommand, NodeChild } from '../../../src/process/node-child.ts';
import type { ProxySettings } from '../../../src/proxy/registry.ts';

export interface Address {
  host: string;
  port: number;
}

const face = {
  name: 'the process with the servers of the diagnosis tests',
  code: 'rig',
  hints: ['is dist/ built (npm run build)?'],
};
const servers = new URL('servers.js', import.meta.url).href;

/** One child process with whatever a case needs; ended as a whole. */
export class Rig {
  private readonly child = new NodeChild(face, nodeCommand(face.code, servers));
  private readonly started = this.child.start(undefined);
  /** Of the losses on simulated networks: equal seeds, equal losses. */
  readonly seed: number;

  constructor(seed = 0) {
    this.seed = seed;
    // The caller is told.
    this.started.catch(() => undefined);
  }

  /** A stream of tokens on any path, shaped by the query (see servers.js). */
  origin(): Promise<Address> {
    return this.ask('origin', {});
  }

  express(): Promise<Address> {
    return this.ask('express', {});
  }

  mock(options: MockOptions): Promise<Address> {
    return this.ask('mock', options);
  }

  proxy(settings: ProxySettings, target: Address): Promise<Address> {
    return this.ask('proxy', { ...settings, target });
  }

  relay(
    path: { network?: NetworkSettings; faults?: FaultSpec[]; seed?: string },
    target: Address,
  ): Promise<Address> {
    return this.ask('relay', { seed: 'diagnosis', ...path, target });
  }

  close(): Promise<void> {
    return this.child.close();
  }

  private async ask(what: string, options: object): Promise<Address> {
    await this.started;
    const { port } = (await this.child.ask(what, options)) as { port: number };
    return { host: '127.0.0.1', port };
  }
}
