/** The parent's side of the servers that diagnosis is tried on. */
import { fork, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { MockOptions } from '../../../mock-server/index.ts';
import type { FaultSpec } from '../../../src/fault/registry.ts';
import type { NetworkSettings } from '../../../src/fault/network/network.ts';
import type { ProxySettings } from '../../../src/proxy/registry.ts';

export interface Address {
  host: string;
  port: number;
}

interface Started {
  port: number;
  baseUrl?: string;
}

const child = fileURLToPath(new URL('servers.js', import.meta.url));

/** One child process with whatever a case needs; ended as a whole. */
export class Rig {
  private readonly process: ChildProcess;
  private readonly waiting = new Map<number, (reply: Started & { error?: string }) => void>();
  private next = 0;
  /** Of the weather on simulated networks: equal seeds, equal losses. */
  readonly seed: number;

  constructor(seed = 0) {
    this.seed = seed;
    this.process = fork(child, { stdio: ['ignore', 'ignore', 'inherit', 'ipc'], execArgv: [] });
    this.process.on('message', (reply: Started & { id: number; error?: string }) => {
      this.waiting.get(reply.id)?.(reply);
      this.waiting.delete(reply.id);
    });
    this.process.once('exit', () => {
      const error = 'the servers of the diagnosis tests ended; is dist/ built (npm run build)?';
      for (const answer of this.waiting.values()) answer({ port: 0, error });
    });
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
    if (this.process.exitCode !== null) return Promise.resolve();
    return new Promise((resolve) => {
      this.process.once('exit', () => resolve());
      this.process.disconnect();
    });
  }

  private async ask(what: string, options: object): Promise<Address> {
    const id = this.next++;
    const reply = await new Promise<Started & { error?: string }>((resolve) => {
      this.waiting.set(id, resolve);
      this.process.send({ id, what, options });
    });
    if (reply.error !== undefined) throw new Error(reply.error);
    return { host: '127.0.0.1', port: reply.port };
  }
}
