// How a drawn movement is asked for: words and arrow that are right for the person who moves.

/** @typedef {'TURN_LEFT'|'TURN_RIGHT'|'CLOSER'} Action */

const SIDES = { TURN_LEFT: 'kiri', TURN_RIGHT: 'kanan' };

/**
 * Left and right are the person's own, in words and in the frames. The arrow points to where her
 * head goes on the screen. Beside the screen's camera she sees herself as in a mirror: her left is
 * the left of the screen. With the camera on the back the cashier sees her face to face, not
 * mirrored: her left is the right of the screen, and the cashier's hand may point along the arrow.
 * @param {Action} action @param {boolean} mirrored @returns {'left'|'right'|null}
 */
export function arrowOf(action, mirrored) {
  if (!SIDES[action]) return null;
  return (action === 'TURN_LEFT') === mirrored ? 'left' : 'right';
}

/** Said to her who sees the screen, or to the cashier who asks her. @param {Action} action @param {boolean} mirrored */
export function askOf(action, mirrored) {
  const side = SIDES[action];
  if (!side) return 'Dekatkan wajah pelan-pelan';
  return mirrored ? `Tengok pelan-pelan ke ${side}` : `Minta Ibu/Bapak menengok pelan-pelan ke ${side}nya sendiri`;
}

/**
 * Eight typed digits as a day that was: `07031968` -> `1968-03-07`, else null.
 * @param {string} typed @param {number} [now] @returns {string|null}
 */
export function dayOf(typed, now = Date.now()) {
  if (!/^\d{8}$/.test(typed)) return null;
  const day = `${typed.slice(4)}-${typed.slice(2, 4)}-${typed.slice(0, 2)}`;
  const at = new Date(`${day}T00:00:00Z`);
  const real = !Number.isNaN(at.getTime()) && at.toISOString().slice(0, 10) === day;
  return real && at.getTime() <= now && day >= '1900' ? day : null;
}

/** `0703196` -> `07 03 196` @param {string} typed */
export const spaced = (typed) => typed.replace(/^(\d{2})(\d{1,2})?(\d*)$/, '$1 $2 $3').trim();
