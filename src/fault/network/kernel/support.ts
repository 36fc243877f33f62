/**
 * What this machine's kernel can do for `driver: kernel`, found out by trying it in a scratch network
 * namespace, which is gone when the trial ends.
 */
import { runCommand } from '../../../process/run-command.ts';
import { nftRules } from './settings.ts';

export interface KernelSupport {
  /** Why it cannot be used at all, and what to do; undefined where it can. */
  missing: { reason: string; hint: string } | undefined;
  /** Delays and jitter. */
  netem: boolean;
  /** Limited speeds. */
  tbf: boolean;
}

/** The tools by the Debian package they come in. */
const tools = { unshare: 'util-linux', ip: 'iproute2', tc: 'iproute2', nft: 'nftables' } as const;

const useModel = 'driver: model, the default, needs no rights and works everywhere';

const trial = `
unshare --net true && echo namespaces
ip link add veth0 type veth peer name veth1 && echo veth
nft -f - && echo nft
tc qdisc add dev lo root tbf rate 1mbit burst 3028 limit 65536 && echo tbf
tc qdisc delete dev lo root
tc qdisc add dev lo root netem delay 1ms && echo netem
`;

let found: KernelSupport | undefined;

/** Asked of the machine once for each process. */
export function kernelSupport(): KernelSupport {
  found ??= look();
  return found;
}

function look(): KernelSupport {
  const without = (reason: string, hint: string): KernelSupport => ({
    missing: { reason, hint },
    netem: false,
    tbf: false,
  });
  if (process.platform !== 'linux') return without('it needs Linux', useModel);
  if (process.getuid?.() !== 0) return without('it needs root', `run as root, or: ${useModel}`);
  for (const [tool, name] of Object.entries(tools)) {
    if (runCommand(tool, ['-V']).error)
      return without(`${tool} is not installed`, `install ${name}, or: ${useModel}`);
  }
  const { stdout } = runCommand('unshare', ['--net', 'sh', '-c', trial], nftRules(0.5));
  const works = new Set(stdout.split('\n'));
  const parts = {
    namespaces: 'network namespaces may not be made here',
    veth: 'this kernel has no veth devices',
    nft: 'this kernel’s nftables cannot drop packets at random (numgen)',
  };
  for (const [part, reason] of Object.entries(parts)) {
    if (!works.has(part)) return without(reason, useModel);
  }
  return { missing: undefined, netem: works.has('netem'), tbf: works.has('tbf') };
}
