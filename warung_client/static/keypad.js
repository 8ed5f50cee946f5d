// The till's own keypad: big digits, no native keyboard, a hardware keyboard works too.

import { html, useLayoutEffect } from './view.js';
import { Key, Sign } from './parts.js';
import { BACK, COMMA } from './typing.js';

const DIGITS = ['1', '2', '3', '4', '5', '6', '7', '8', '9'];

/**
 * @param {{onPress: (key: string) => void, prefix?: 'key'|'pin', corner?: string|null}} props
 * `corner` is the key left of the zero: COMMA, '000' or nothing
 */
export function Keypad({ onPress, prefix = 'key', corner = null }) {
  useLayoutEffect(() => { // at once: a key that follows the drawing is already heard
    /** @param {KeyboardEvent} event */
    function typed(event) {
      if (/** @type {Element} */ (event.target).matches('input') || event.ctrlKey || event.altKey) return;
      if (/^\d$/.test(event.key)) onPress(event.key);
      else if (event.key === 'Backspace') onPress(BACK);
      else if (event.key === COMMA && corner === COMMA) onPress(COMMA);
    }
    window.addEventListener('keydown', typed);
    return () => window.removeEventListener('keydown', typed);
  });
  const digit = (key) => html`<${Key} key=${key} look="digit" test=${`${prefix}-${key}`}
    onTap=${() => onPress(key)}>${key}</${Key}>`;
  return html`<div class="keypad" role="group" aria-label="Papan angka">
    ${DIGITS.map(digit)}
    ${corner
    ? html`<${Key} look="digit" test=${`${prefix}-${corner === COMMA ? 'comma' : corner}`}
        aria-label=${corner === COMMA ? 'koma' : corner} onTap=${() => onPress(corner)}>${corner}</${Key}>`
    : html`<span></span>`}
    ${digit('0')}
    <${Key} look="digit" test=${`${prefix}-back`} aria-label="Hapus satu angka" onTap=${() => onPress(BACK)}>
      <${Sign} name="erase" /></${Key}>
  </div>`;
}

/** How many digits stand there, without showing them. @param {{count: number, of: number}} props */
export function Dots({ count, of }) {
  return html`<div class="dots" data-test="dots" role="status" aria-label=${`${count} angka`}>
    ${Array.from({ length: Math.max(of, count) }, (_, place) => html`<span class=${place < count ? 'dot full' : 'dot'}></span>`)}
  </div>`;
}
