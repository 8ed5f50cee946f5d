// Hears a scanner anywhere on the basket's screen, and leaves what people type where it belongs.

import { GAP_MS_MAX, keyed, NO_BURST } from './wedge.js';

/**
 * Keys outside of fields wait for a blink: those of a scanner never reach the keypad, those of
 * a person go on. In a field a scanner's text is taken out again once it is known as one.
 * @param {Window} page @param {(text: string) => void} onRead @returns {() => void} stops it
 */
export function listen(page, onRead) {
  let burst = NO_BURST;
  /** @type {{event: KeyboardEvent, target: EventTarget|null}[]} keys of a person, or of a scanner: not known yet */
  let held = [];
  let before = ''; // what stood in the field when the burst began
  let timer = 0;

  /** Long enough since the last key; more of them may wait behind a slow page. */
  function due() {
    const pending = /** @type {any} */ (page.navigator).scheduling?.isInputPending?.() ?? false;
    if (pending) timer = page.setTimeout(due, GAP_MS_MAX);
    else release();
  }

  /** Gives the keys to whom they were meant for, one after the other. */
  async function release() {
    const waiting = held;
    held = [];
    for (const { event: { key, code }, target } of waiting) {
      if (key === 'Enter' && target instanceof HTMLButtonElement) target.click();
      else target?.dispatchEvent(new KeyboardEvent('keydown', { key, code, bubbles: true, cancelable: true }));
      await new Promise((drawn) => { page.setTimeout(drawn); });
    }
  }

  /** @param {KeyboardEvent} event */
  function heard(event) {
    if (!event.isTrusted || event.ctrlKey || event.altKey || event.metaKey) return;
    const field = event.target instanceof HTMLInputElement ? event.target : null;
    const next = keyed(burst, event.key, event.timeStamp);
    if (field && next.burst.text.length === 1) before = field.value;
    burst = next.burst;
    if (next.read !== null) {
      event.preventDefault();
      event.stopImmediatePropagation();
      page.clearTimeout(timer);
      held = [];
      if (field) restore(field, before);
      onRead(next.read);
    } else if (!field && ((event.key.length === 1 && event.key !== ' ') || (held.length && event.key === 'Enter'))) {
      event.preventDefault();
      event.stopImmediatePropagation();
      held.push({ event, target: event.target });
      page.clearTimeout(timer);
      timer = page.setTimeout(due, GAP_MS_MAX + 10);
    } else if (held.length && event.key !== 'Shift') {
      page.clearTimeout(timer);
      release(); // what was typed before another key keeps its order
    }
  }

  page.addEventListener('keydown', heard, true);
  page.document.documentElement.dataset.scanner = 'heard'; // keys before this are a person's
  return () => {
    delete page.document.documentElement.dataset.scanner;
    page.removeEventListener('keydown', heard, true);
    page.clearTimeout(timer);
  };
}

/** @param {HTMLInputElement} field @param {string} value */
function restore(field, value) {
  field.value = value;
  field.dispatchEvent(new Event('input', { bubbles: true }));
}
