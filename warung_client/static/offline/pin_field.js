// Six digits on a shuffled keypad, gone as soon as they were used.

import { PinPad } from '../identify/pinpad.js';
import { Dots } from '../keypad.js';
import { Key } from '../parts.js';
import { press } from '../typing.js';
import { html, useState } from '../view.js';

const PIN_DIGITS = 6;

/** @param {{title: string, hint: string, word: string, busy: boolean, least?: number, onDone: (pin: string) => any}} props */
export function PinField({ title, hint, word, busy, least = PIN_DIGITS, onDone }) {
  const [pin, setPin] = useState('');
  async function done() {
    const typed = pin;
    setPin('');
    await onDone(typed);
  }
  return html`<div class="secret"><h2>${title}</h2><${Dots} count=${pin.length} of=${PIN_DIGITS} />
    <p class="hint">${hint}</p>
    <${PinPad} onPress=${(key) => setPin((old) => press(old, key, { digitsMax: least === PIN_DIGITS ? PIN_DIGITS : 8 }))} />
    <${Key} test="secret-done" look="primary" once disabled=${pin.length < least || busy} onTap=${done}>${busy ? 'Sebentar' : word}</${Key}></div>`;
}
