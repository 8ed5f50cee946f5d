// Ordinary money: what was handed over, and what goes back.

export const NOTES = [20_000, 50_000, 100_000];
export const GIVEN_MAX = 10_000_000;

/** One more note on the counter. @param {number} given @param {number} note @returns {number} */
export function withNote(given, note) {
  return given + note > GIVEN_MAX ? given : given + note;
}

/** What goes back; null while it is not enough. @param {number} amount @param {number} given @returns {number|null} */
export function changeOf(amount, given) {
  return given >= amount ? given - amount : null;
}
