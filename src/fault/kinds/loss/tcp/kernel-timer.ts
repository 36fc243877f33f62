/**
 * When a timer of the kernel really fires.
 *
 * Linux counts time in jiffies (here of 4 ms, CONFIG_HZ=250) and keeps timers in a wheel whose slots
 * widen with the distance: 1 jiffy below 63 jiffies, then 8 times wider with every level. A timer never
 * fires early, so it fires up to one slot late. A retransmission timeout of 250 ms lies beyond the
 * first level: it fires 252 to 284 ms after it was set, and that is visible in a token's delay.
 */

/** One jiffy, ns. */
export const jiffyNs = 4e6;

/** Duration in ns as jiffies, rounded up. */
export function toJiffies(ns: number): number {
  return Math.ceil(ns / jiffyNs);
}

/**
 * @param nowNs - monotonic ns.
 * @param jiffies - how far ahead the timer is set.
 * @param phaseNs - where the jiffy grid lies: a jiffy begins at each phaseNs + k·4 ms.
 * @returns when it fires, monotonic ns.
 */
export function firesAt(nowNs: number, jiffies: number, phaseNs: number): number {
  const expires = Math.floor((nowNs - phaseNs) / jiffyNs) + jiffies;
  let slot = 1;
  for (let reach = 63; jiffies >= reach && slot < 8 ** 8; reach *= 8) slot *= 8;
  return (Math.floor(expires / slot) + 1) * slot * jiffyNs + phaseNs;
}
