// @ts-check
import { banner, code, table } from './markdown.js';

/** @typedef {import('../../src/fault/registry.ts').FaultReference} FaultReference */
/** @typedef {import('../../src/fault/network/profiles.ts').NetworkProfile} NetworkProfile */

/**
 * The reference of faults and named networks.
 *
 * @param {readonly FaultReference[]} faults
 * @param {Readonly<Record<string, NetworkProfile>>} profiles
 */
export function faultsPage(faults, profiles) {
  return `${banner('src/fault/')}
# Faults

What can happen to the bytes between client and target. [The proxy guide](../proxy.md) shows them by
task; [packet loss](../network-loss.md) has a separate page. Durations, sizes, rates and shares carry
their unit (\`50ms\`, \`16KiB\`, \`1.6Mbps\`, \`2%\`). A fault is written as \`{ kind: delay, rtt: 50ms }\` or,
shorter, as \`delay: { rtt: 50ms }\`; where a key is marked as the short one, also as \`delay: 25ms\`.

${table(
  ['fault', 'what it does', 'stands for', 'keeps every byte'],
  faults.map(({ kind, summary, models, keepsBytes }) => [
    `[${code(kind)}](#${kind})`,
    summary,
    models,
    keepsBytes ? 'yes' : '**no**',
  ]),
)}
${faults.map(section).join('\n')}
## Named networks

Each is made of \`bandwidth\`, \`outage\`, and \`delay\` with \`jitter\`, or \`loss\`, which brings its delay
along. Empty cells: not limited, none.

${table(
  ['name', 'down', 'up', 'round trip', 'jitter', 'loss', 'outages', 'source'],
  Object.entries(profiles).map(([name, profile]) => [
    code(name),
    rate(profile.downKbps),
    rate(profile.upKbps),
    `${profile.rttMs} ms`,
    profile.jitter ? code(profile.jitter) : '',
    loss(profile),
    profile.outage ? code(`on ${profile.outage.on}, off ${profile.outage.off}`) : '',
    profile.source,
  ]),
)}`;
}

/** @param {FaultReference} fault */
function section({ kind, summary, models, example, keys }) {
  return `## ${kind}

${summary[0]?.toUpperCase()}${summary.slice(1)}. Stands for ${models}.

\`\`\`yaml
${kind}: ${example}
\`\`\`

${table(
  ['key', 'meaning'],
  keys.map(({ name, required, short, description }) => [
    `${code(name)}${short ? ' (short)' : ''}${required ? ', required' : ''}`,
    description,
  ]),
)}`;
}

/** @param {number | undefined} kbps */
function rate(kbps) {
  if (kbps === undefined) return '';
  return kbps < 1000 ? `${kbps} kbps` : `${kbps / 1000} Mbps`;
}

/** @param {NetworkProfile} profile */
function loss({ loss, burst }) {
  if (loss !== undefined) return loss;
  if (!burst) return '';
  const outside = burst.loss_good === undefined ? '' : `, ${burst.loss_good} outside`;
  return `bursts of ${burst.bad} every ${burst.good}: ${burst.loss_bad ?? '100%'}${outside}`;
}
