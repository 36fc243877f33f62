/**
 * How what is lost gets to the receiver after all.
 *
 * - `tcp`: as TCP does it, when its absence is noticed.
 * - `duplicate`: every packet is sent twice, the copies back to back.
 * - `piggyback`: every packet with something new carries whatever has not been acknowledged yet as well, as
 *   far as it has room (Li et al., "Eloquent", arXiv 2401.12961, do this for tokens).
 *
 * The last two are not TCP: no transport in common use does either for a stream. They are here to be compared.
 */
export const repairs = ['tcp', 'duplicate', 'piggyback'] as const;

export type Repair = (typeof repairs)[number];
