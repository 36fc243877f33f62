/** What a case of the diagnosis tests is, and how the usual ones are made. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { generateCertificate } from '../../../src/wire/certificate.ts';
import type { MockOptions } from '../../../mock-server/index.ts';
import type { ComponentId, VerdictKind } from '../../../src/diagnose/diagnosis.ts';
import type { FaultSpec } from '../../../src/fault/registry.ts';
import type { NetworkSettings } from '../../../src/fault/network/network.ts';
import type { RealKindName } from '../../../src/proxy/real/registry.ts';
import { startRealProxy } from '../../../src/proxy/real/start.ts';
import type { ProxySettings } from '../../../src/proxy/registry.ts';
import type { Address, Rig } from './rig.ts';

export interface Expected {
  /** What is right; the first is the best answer. */
  kinds: readonly [VerdictKind, ...VerdictKind[]];
  /** Least and most, bytes or ms. */
  sizeBytes?: readonly [number, number];
  periodMs?: readonly [number, number];
  limitMs?: readonly [number, number];
  /** Any of these first among the suspects; absent: not asked. */
  components?: readonly ComponentId[];
  /** In the lines to paste of the first fixes. */
  fix?: RegExp;
}

export interface OpenCase {
  url: string;
  directUrl: string | undefined;
  /** What the endpoint speaks: a chat API that is posted to, or plain events that are got. */
  speaks: 'chat' | 'events';
  /** PEM, where the URL is https. */
  ca: string | undefined;
  close(): Promise<void>;
}

export interface DiagnosisCase {
  name: string;
  group: string;
  /** The installed program that it needs. */
  needs: RealKindName | undefined;
  expected: Expected;
  open(rig: Rig): Promise<OpenCase>;
}

/** The model behind a case: the mock server, plain events by a query, or Express. */
export type Source =
  | { mock: MockOptions }
  | { events: string }
  | { express: 'plain' | 'compressed' | 'flushed'; query: string };

export interface CaseParts {
  source: Source;
  /** An installed program in front. */
  real?: { kind: RealKindName; settings?: string[]; config?: string; https?: boolean };
  /** Or a simulated one. */
  simulated?: ProxySettings;
  /** In front of all. */
  path?: { network?: NetworkSettings; faults?: FaultSpec[] };
  /** No direct URL is given. */
  alone?: boolean;
  /** The direct URL asks for this instead. */
  direct?: string;
}

export function makeCase(
  group: string,
  name: string,
  expected: Expected,
  parts: CaseParts,
): DiagnosisCase {
  return {
    group,
    name: parts.alone ? `${name}, no direct URL` : name,
    needs: parts.real?.kind,
    expected,
    open: (rig) => open(rig, parts),
  };
}

let opened = 0;

async function open(rig: Rig, parts: CaseParts): Promise<OpenCase> {
  const { source } = parts;
  const closers: (() => void | Promise<void>)[] = [];
  const origin = await startSource(rig, source);
  let front: Address = origin;
  let ca: string | undefined;
  if (parts.simulated) front = await rig.proxy(parts.simulated, front);
  if (parts.real) {
    const { https, config, ...rest } = parts.real;
    let filled = config;
    if (https) {
      const directory = mkdtempSync(join(tmpdir(), 'streamgauge-test-tls-'));
      closers.push(() => rmSync(directory, { recursive: true, force: true }));
      const made = await generateCertificate({ commonName: 'diagnosis test', nowMs: Date.now() });
      ca = made.cert;
      writeFileSync(join(directory, 'cert.pem'), made.cert);
      writeFileSync(join(directory, 'key.pem'), made.key);
      filled = config!.replaceAll('{{tls}}', directory);
    }
    const proxy = await startRealProxy({
      ...rest,
      ...(filled === undefined ? {} : { config: filled }),
      target: front,
    });
    closers.push(() => proxy.close());
    front = { host: '127.0.0.1', port: proxy.port };
  }
  // Each with its losses, the same in every run of one seed.
  if (parts.path)
    front = await rig.relay({ ...parts.path, seed: `${rig.seed}/${opened++}` }, front);
  const path = pathOf(source);
  return {
    url: `${ca ? 'https' : 'http'}://127.0.0.1:${front.port}${path}`,
    directUrl: parts.alone ? undefined : `http://127.0.0.1:${origin.port}${parts.direct ?? path}`,
    speaks: 'mock' in source ? 'chat' : 'events',
    ca,
    close: async () => {
      for (const close of closers.reverse()) await close();
    },
  };
}

function startSource(rig: Rig, source: Source): Promise<Address> {
  if ('mock' in source) return rig.mock(source.mock);
  return 'express' in source ? rig.express() : rig.origin();
}

function pathOf(source: Source): string {
  if ('mock' in source) return '/v1/chat/completions';
  return 'express' in source ? `/${source.express}?${source.query}` : `/stream?${source.events}`;
}
