// The strip over an empty basket as long as nobody has counted the drawer today: one tap opens it, one hides it.

import { Key, Sign } from '../parts.js';
import { html } from '../view.js';
import { SHIFT } from '../words/shift.js';

/** @param {any} props */
export function OpenCash({ state, act }) {
  const { screen, shift, shiftDay, shiftLater, cart } = state;
  const counted = shift && shift.day === shiftDay;
  if (screen !== 'cart' || shiftLater || cart.lines.length || !shiftDay || counted) return null;
  return html`<div class="cash-strip" data-test="cash-strip"><span>${SHIFT.NOT_OPEN}</span>
    <div class="strip-keys"><${Key} test="cash-open" look="small" onTap=${() => act.visit('shift')}><${Sign} name="cash" /><span>${SHIFT.OPEN}</span></${Key}>
    <${Key} test="cash-later" look="small" onTap=${act.shiftLater}>${SHIFT.LATER}</${Key}></div></div>`;
}
