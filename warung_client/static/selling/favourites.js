// Which goods this shop sells most: counted on the device, shown in the top row.

/** @typedef {import('../types.js').Good} Good */

export const TOP = 6;
const COUNT_MIN = 3; // fewer sales are no habit
const COUNT_MAX = 400; // then all are halved: what sells now outweighs what sold long ago

/**
 * These goods were sold once more.
 * @param {Record<string, number>} counts @param {string[]} skus @returns {Record<string, number>}
 */
export function counted(counts, skus) {
  const next = { ...counts };
  skus.filter(Boolean).forEach((sku) => { next[sku] = (next[sku] ?? 0) + 1; });
  if (Math.max(0, ...Object.values(next)) < COUNT_MAX) return next;
  return Object.fromEntries(Object.entries(next)
    .map(([sku, count]) => [sku, Math.floor(count / 2)]).filter(([, count]) => count));
}

/**
 * What the aid may pay and this shop sells most, at most TOP; nothing before there is a habit.
 * @param {Record<string, number>} counts @param {Good[]} goods @returns {Good[]}
 */
export function favourites(counts, goods) {
  return goods
    .filter(({ sku, verdict }) => verdict === 'OK' && counts[sku] >= COUNT_MIN)
    .sort((a, b) => counts[b.sku] - counts[a.sku] || a.position - b.position)
    .slice(0, TOP);
}
