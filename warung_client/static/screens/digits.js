// A long number typed on the till's keypad: card, phone or NIK.

import { Keypad } from '../keypad.js';
import { grouped } from '../money.js';
import { Key, Sign } from '../parts.js';
import { press } from '../typing.js';
import { html, useState } from '../view.js';
import { SLIP } from '../words.js';

/** @param {any} props `digits` is the least and the most; `fits` finds a slip of the finger; `also` is a second key for the same number */
export function Digits({ title, word, test, digits: [least, most], fits, first = '', busy, onDone, also = null }) {
  const [text, setText] = useState(first);
  const left = least - text.length;
  const right = left <= 0 && fits(text);
  return html`<div class="digits">
    <h2>${title}</h2>
    <output class="typed" data-test="typed">${grouped(text) || ' '}</output>
    ${left > 0 || right
    ? html`<p class="hint">${left > 0 ? `Kurang ${left} angka` : 'Periksa angkanya, lalu lanjut.'}</p>`
    : html`<p class="slip" role="alert" data-test="slip"><${Sign} name="warn" /><span>${SLIP}</span></p>`}
    <${Keypad} onPress=${(key) => setText((old) => press(old, key, { digitsMax: most }))} />
    ${also && html`<${Key} test=${also.test} look="quiet wide" once disabled=${!right || busy} onTap=${() => also.onDone(text)}>
      <${Sign} name=${also.sign} /><span>${also.word}</span></${Key}>`}
    <${Key} test=${test} look="primary" once disabled=${!right || busy} onTap=${() => onDone(text)}>${busy ? 'Sebentar' : word}</${Key}>
  </div>`;
}
