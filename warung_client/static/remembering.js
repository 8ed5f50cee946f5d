// The goods as the engine told them last, kept on the device: the keys stand there before anybody is asked.

/** @typedef {import('./types.js').Catalogue} Catalogue */

const KEPT = 'ewarong.goods';
const CHARS_MAX = 400_000; // of five megabytes that a page may keep; a longer list comes from the engine alone

/**
 * One region's goods. A full or forbidden storage forgets, and the engine is asked as ever.
 * @param {Storage} storage
 */
export function goodsMemory(storage) {
  return {
    /** @param {string} region @returns {Catalogue|null} */
    read(region) {
      try {
        const kept = JSON.parse(storage.getItem(KEPT) ?? 'null');
        return kept?.region === region && Array.isArray(kept.goods) ? kept : null;
      } catch {
        return null;
      }
    },
    /** @param {Catalogue} catalogue */
    write(catalogue) {
      const text = JSON.stringify(catalogue);
      try {
        if (text.length > CHARS_MAX) storage.removeItem(KEPT);
        else storage.setItem(KEPT, text);
      } catch {
        storage.removeItem(KEPT); // an old list is worse than none
      }
    },
  };
}

/**
 * What was told now, with the goods of before where nothing changed: then no key is drawn anew.
 * @param {Catalogue|null} before @param {Catalogue} now @returns {Catalogue}
 */
export const sameGoods = (before, now) => (before && JSON.stringify(before.goods) === JSON.stringify(now.goods) ? { ...now, goods: before.goods } : now);
