// A scanner that types: a burst of keys too fast for fingers, ended by Enter.

export const GAP_MS_MAX = 50; // between two keys of a scanner; fingers need twice as long
const LENGTH_MIN = 8; // the shortest barcode of a good
const LENGTH_MAX = 512;
const ENDS = new Set(['Enter', 'Tab']);

/** What came so far. @typedef {{text: string, atMs: number}} Burst */

/** @type {Burst} */
export const NO_BURST = Object.freeze({ text: '', atMs: -Infinity });

/**
 * One more key. `read` is the text of a finished burst, else null; a slow key begins anew.
 * @param {Burst} burst @param {string} key as KeyboardEvent.key says @param {number} atMs
 * @returns {{burst: Burst, read: string|null}}
 */
export function keyed(burst, key, atMs) {
  const fast = atMs - burst.atMs <= GAP_MS_MAX;
  if (ENDS.has(key)) {
    return { burst: NO_BURST, read: fast && burst.text.length >= LENGTH_MIN ? burst.text : null };
  }
  if (key.length !== 1) return { burst, read: null }; // Shift and its like
  const text = `${fast ? burst.text : ''}${key}`;
  return { burst: { text: text.slice(-LENGTH_MAX), atMs }, read: null };
}
