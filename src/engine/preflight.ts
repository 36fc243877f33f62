/** What is checked before a single session starts. */
import { readFileSync } from 'node:fs';
import { StreamgaugeError } from '../errors.ts';
import type { ArmPlan } from '../scenario/plan.ts';
import { makePacer } from '../load/registry.ts';
import type { Scheduler } from '../timer/scheduler.ts';
import { openSocket } from '../transport/socket.ts';
import type { Endpoint } from '../transport/transport.ts';

/** Descriptors that Node, the console, timers and result files need in addition to the sessions. */
const reservedDescriptors = 64;

/** Soft limit of open files of this process; undefined where the system does not say. */
export function openFilesLimit(
  readText = (path: string) => readFileSync(path, 'utf8'),
): number | undefined {
  try {
    const match = /^Max open files\s+(\d+)/m.exec(readText('/proc/self/limits'));
    return match ? Number(match[1]) : undefined;
  } catch {
    return undefined;
  }
}

/** Most sockets an arm may have open at once, as far as its load says; Infinity for an open load without a cap. */
export function socketsNeeded(arm: ArmPlan): number {
  const { shape, durationMs, maxConcurrency } = arm.load;
  const { mostSessions } = makePacer(shape, { durationMs, seed: '' });
  return Math.min(mostSessions, maxConcurrency ?? Number.POSITIVE_INFINITY);
}

/**
 * Compares the need with the limit.
 * @throws StreamgaugeError `too-few-files` where the run is sure to fail.
 * @returns a warning where it might.
 */
export function checkOpenFiles(arm: ArmPlan, limit = openFilesLimit()): string | undefined {
  if (limit === undefined) return undefined;
  const available = limit - reservedDescriptors;
  const needed = socketsNeeded(arm);
  if (Number.isFinite(needed)) {
    if (needed <= available) return undefined;
    throw new StreamgaugeError(
      `arm "${arm.name}" needs ${needed} sockets at once, but this process may open ${limit} files`,
      {
        code: 'too-few-files',
        exit: 'usage',
        hints: [
          `raise the limit first: ulimit -n ${needed + 1024}`,
          'or lower load.sessions or load.max_concurrency',
        ],
      },
    );
  }
  // Open load without a cap: by Little's law the total timeout bounds what may pile up.
  const { warmupMs, durationMs, cooldownMs } = arm.load;
  const loadMs = warmupMs + durationMs + cooldownMs;
  const pacer = makePacer(arm.load.shape, { durationMs: loadMs, seed: 'preflight' });
  let peak = 0;
  for (let i = 0; i <= 100; i++) {
    peak = Math.max(peak, pacer.rateAt((loadMs * i) / 100) ?? 0);
  }
  const worst = Math.round((peak * arm.timeouts.totalMs) / 1000);
  if (worst <= available) return undefined;
  return (
    `arm "${arm.name}" may open up to ${worst} sockets if the target stops answering, and this process ` +
    `may open ${limit} files; set load.max_concurrency, or raise the limit with ulimit -n`
  );
}

const remedies: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing listens there: check the port, and that the server is up',
  ENOTFOUND: 'the name cannot be resolved: check the host name and the DNS',
  EAI_AGAIN: 'the name cannot be resolved right now: check the DNS',
  ETIMEDOUT: 'no answer: check the address, firewalls, and timeouts.connect',
  EHOSTUNREACH: 'no route to that host',
  ENETUNREACH: 'no route to that network',
  DEPTH_ZERO_SELF_SIGNED_CERT:
    'set tls.ca to its certificate, or tls.verify: false for a test server',
  SELF_SIGNED_CERT_IN_CHAIN: 'set tls.ca to the certificate authority of the target',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'set tls.ca to the certificate authority of the target',
  CERT_HAS_EXPIRED: 'the certificate of the target has expired; tls.verify: false ignores that',
  ERR_TLS_CERT_ALTNAME_INVALID: 'the certificate is for another name; use that name in target',
  EPROTO: 'the target does not speak TLS there: is it http: instead of https:?',
  ERR_SSL_WRONG_VERSION_NUMBER:
    'the target does not speak TLS there: is it http: instead of https:?',
  ECLOSED: 'the connection was accepted and closed immediately',
};

/**
 * Opens one connection, so that a wrong address is told before the run, not by a million failures.
 * @throws StreamgaugeError `target-unreachable` (exit 95).
 */
export function checkReachable(endpoint: Endpoint, time: Scheduler): Promise<void> {
  return new Promise((resolve, reject) => {
    const pending = openSocket(endpoint, { time });
    pending.onReady((_timing, failure) => {
      pending.socket.destroy();
      if (!failure) {
        resolve();
        return;
      }
      const remedy = remedies[failure.code];
      reject(
        new StreamgaugeError(`cannot reach ${endpoint.baseUrl.origin}: ${failure.detail}`, {
          code: 'target-unreachable',
          exit: 'unreachable',
          hints: remedy ? [remedy] : [],
        }),
      );
    });
  });
}
