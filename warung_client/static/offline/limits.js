// How long and how much a tablet may sell without the engine: try first, then locked.

export const LOWER_COUNT = 50;
export const UPPER_COUNT = 200;
export const FORCED_EVERY = 20;
export const CATALOGUE_AGE_MS_MAX = 7 * 86_400_000;
export const LOWER_AGE_MS = 48 * 3_600_000;
export const UPPER_AGE_MS = 7 * 86_400_000;
export const PIN_TRIES_MAX = 3;

/** @typedef {{kind: 'FREE'|'TRY_FIRST'|'LOCKED', reason: null|'OFFLINE_LIMIT'|'OFFLINE_STALE', why: null|'COUNT'|'AGE'|'CATALOGUE'}} Standing */

/**
 * May the next sale be made without signal. In a shop that Dinsos marked REMOTE no age and no count locks it while an
 * allowance lives; it still tries the engine first.
 * @param {{unsent: number, silentMs: number, catalogueAgeMs: number, nextSeq: number, remote: boolean}} facts `silentMs` since the engine was heard
 * @returns {Standing}
 */
export function standing({ unsent, silentMs, catalogueAgeMs, nextSeq, remote }) {
  const locked = lockOf(unsent, silentMs, catalogueAgeMs);
  if (locked && !remote) return { kind: 'LOCKED', ...locked };
  const tries = unsent >= LOWER_COUNT || silentMs > LOWER_AGE_MS || nextSeq % FORCED_EVERY === 0;
  return { kind: tries || locked ? 'TRY_FIRST' : 'FREE', reason: null, why: null };
}

/** @param {number} unsent @param {number} silent @param {number} catalogueAge @returns {{reason: any, why: any}|null} */
function lockOf(unsent, silent, catalogueAge) {
  if (catalogueAge > CATALOGUE_AGE_MS_MAX) return { reason: 'OFFLINE_STALE', why: 'CATALOGUE' };
  if (unsent >= UPPER_COUNT) return { reason: 'OFFLINE_LIMIT', why: 'COUNT' };
  return silent > UPPER_AGE_MS ? { reason: 'OFFLINE_LIMIT', why: 'AGE' } : null;
}
