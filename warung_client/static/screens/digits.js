// A long number typed on the till's keypad: card, phone or NIK.

import { Keypad } from '../keypad.js';
import { grouped } from '../money.js';
import { Key } from '../parts.js';
import { press } from '../typing.js';
import { html, useState } from '../view.js';

/** @param {any} props `digits` is the least and the most */
export function Digits({ title, word, test, digits: [least, most], first = '', busy, onDone }) {
  const [text, setText] = useState(first);
  const left = least - text.length;
  return html`<div class="digits">
    <h2>${title}</h2>
    <output class="typed" data-test="typed">${grouped(text) || ' '}</output>
    <p class="hint">${left > 0 ? `Kurang ${left} angka` : 'Periksa angkanya, lalu lanjut.'}</p>
    <${Keypad} onPress=${(key) => setText((old) => press(old, key, { digitsMax: most }))} />
    <${Key} test=${test} look="primary" once disabled=${left > 0 || busy} onTap=${() => onDone(text)}>${busy ? 'Sebentar' : word}</${Key}>
  </div>`;
}
