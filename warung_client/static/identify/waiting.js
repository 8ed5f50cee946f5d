// Families that were recognised and still pack: at most four, each for as long as her proof lives. In memory alone.

export const QUEUE_MAX = 4;
export const LIFE_MS = 10 * 60_000;

/** @typedef {{key: number, initials: string, untilMs: number, sale: any, cart: any, purchaseId: string|null}} Waiting */

/** `S*** W******` -> `S. W.`; a name that was not told is a dot. @param {string} masked */
export function initialsOf(masked) {
  const letters = masked.split(/\s+/).map((word) => word[0]).filter((letter) => letter && letter !== '*').slice(0, 2);
  return letters.length ? letters.map((letter) => `${letter.toUpperCase()}.`).join(' ') : '-';
}

/**
 * @param {Waiting[]} queue @param {{sale: any, cart: any, purchaseId: string|null}} one @param {number} nowMs
 * @returns {Waiting[]|null} null when four wait already
 */
export function join(queue, { sale, cart, purchaseId }, nowMs) {
  const over = queue.find(({ untilMs }) => untilMs <= nowMs);
  if (queue.length >= QUEUE_MAX && !over) return null;
  const kept = queue.length < QUEUE_MAX ? queue : queue.filter((each) => each !== over);
  const key = 1 + Math.max(0, ...queue.map((each) => each.key));
  return [...kept, { key, initials: initialsOf(sale.name), untilMs: sale.provenAtMs + LIFE_MS, sale, cart, purchaseId }];
}

/**
 * @param {Waiting[]} queue @param {number} key @returns {{one: Waiting|null, rest: Waiting[]}}
 */
export function take(queue, key) {
  const one = queue.find((each) => each.key === key) ?? null;
  return { one, rest: queue.filter((each) => each !== one) };
}

/** Minutes that are left, rounded up; 0 when it is over. @param {Waiting} one @param {number} nowMs */
export const minutesLeft = ({ untilMs }, nowMs) => Math.max(0, Math.ceil((untilMs - nowMs) / 60_000));
