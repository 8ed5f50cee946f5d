// Baskets that wait: somebody went home for her card, the next one is served. A letter, never a name.

/** @typedef {import('../types.js').Cart} Cart */
/** @typedef {{label: string, atMs: number, cart: Cart, aside: Cart, purchaseId: string|null}} Parked */

const LABELS = ['A', 'B', 'C', 'D', 'E', 'F'];
export const PARKED_MAX = LABELS.length;
const WAIT_MS_MAX = 12 * 3_600_000;

/** @param {Parked[]} parked @param {number} nowMs @returns {Parked[]} those of this day's work */
export function waiting(parked, nowMs) {
  return parked.filter(({ atMs }) => atMs <= nowMs && nowMs - atMs < WAIT_MS_MAX);
}

/**
 * Puts a basket aside under the first free letter; null when all are taken.
 * @param {Parked[]} parked @param {Omit<Parked, 'label'>} basket @returns {Parked[]|null}
 */
export function park(parked, basket) {
  const label = LABELS.find((letter) => !parked.some((one) => one.label === letter));
  return label ? [...parked, { ...basket, label }] : null;
}

/**
 * Takes a basket back; the one in hand takes its place when something lies in it.
 * @param {Parked[]} parked @param {string} label @param {Omit<Parked, 'label'>|null} inHand
 * @returns {{basket: Parked|null, parked: Parked[]}}
 */
export function recall(parked, label, inHand) {
  const basket = parked.find((one) => one.label === label) ?? null;
  if (!basket) return { basket, parked };
  const rest = parked.filter((one) => one !== basket);
  return { basket, parked: inHand ? park(rest, inHand) ?? rest : rest };
}
