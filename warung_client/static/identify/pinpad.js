// The keypad of a PIN: digits in a new order each time it stands there; a plugged keyboard works too.

import { Key, Sign } from '../parts.js';
import { BACK } from '../typing.js';
import { html, useLayoutEffect, useState } from '../view.js';
import { ERASE_ONE, PIN_PAD } from '../words/identify.js';
import { shuffledDigits } from './shuffled.js';

/** @param {{onPress: (key: string) => void}} props */
export function PinPad({ onPress }) {
  const [order] = useState(shuffledDigits);
  useLayoutEffect(() => { // at once: a key that follows the drawing is already heard
    /** @param {KeyboardEvent} event */
    function typed(event) {
      if (/** @type {Element} */ (event.target).matches('input') || event.ctrlKey || event.altKey) return;
      if (/^\d$/.test(event.key)) onPress(event.key);
      else if (event.key === 'Backspace') onPress(BACK);
    }
    window.addEventListener('keydown', typed);
    return () => window.removeEventListener('keydown', typed);
  });
  /** @param {string} digit */
  const key = (digit) => html`<${Key} key=${digit} look="digit" test=${`pin-${digit}`} onTap=${() => onPress(digit)}>${digit}</${Key}>`;
  return html`<div class="keypad" role="group" aria-label=${PIN_PAD} data-test="pin-pad">
    ${order.slice(0, 9).map(key)}<span></span>${key(order[9])}
    <${Key} look="digit" test="pin-back" aria-label=${ERASE_ONE} onTap=${() => onPress(BACK)}><${Sign} name="erase" /></${Key}>
  </div>`;
}
