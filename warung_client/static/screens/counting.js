// The pieces of the till's books: an amount of rupiah typed, a PIN typed, a table of sums, the self-test.

import { Dots, Keypad } from '../keypad.js';
import { rupiah } from '../money.js';
import { Key, Sign } from '../parts.js';
import { press, tidy } from '../typing.js';
import { html, useState } from '../view.js';

const AMOUNT_DIGITS = 9;
const PIN_DIGITS = { least: 4, usual: 6, most: 8 };

/** @param {any} props `onDone` gets whole rupiah; zero is an answer too */
export function Amount({ word, test, busy = false, least = 0, onDone }) {
  const [text, setText] = useState('');
  const ready = text !== '' && Number(text) >= least;
  return html`<div class="digits"><output class="typed" data-test="typed">${text ? rupiah(Number(text)) : 'Rp'}</output>
    <${Keypad} corner="000" onPress=${(/** @type {string} */ key) => setText((old) => tidy(press(old, key, { digitsMax: AMOUNT_DIGITS })))} />
    <${Key} test=${test} look="primary" once disabled=${!ready || busy} onTap=${() => onDone(Number(text))}>${word}</${Key}></div>`;
}

/** A member of staff's own digits, never shown. @param {any} props */
export function Pin({ title, hint = '', word, test, busy = false, onDone }) {
  const [pin, setPin] = useState('');
  async function done() {
    await onDone(pin);
    setPin('');
  }
  return html`<div class="secret"><h2>${title}</h2>${hint && html`<p class="hint">${hint}</p>`}
    <${Dots} count=${pin.length} of=${PIN_DIGITS.usual} />
    <${Keypad} prefix="pin" onPress=${(/** @type {string} */ key) => setPin((old) => press(old, key, { digitsMax: PIN_DIGITS.most }))} />
    <${Key} test=${test} look="primary" once disabled=${pin.length < PIN_DIGITS.least || busy} onTap=${done}>${busy ? 'Sebentar' : word}</${Key}></div>`;
}

/** Words at the left, sums at the right. @param {any} props `rows` are [word, value, hook] */
export function Sums({ rows }) {
  return html`<dl class="sums">${rows.map(([word, value, hook]) => html`<div key=${word}><dt>${word}</dt>
    <dd data-test=${hook}>${typeof value === 'number' ? rupiah(value) : value}</dd></div>`)}</dl>`;
}

/** What the self-test found. @param {any} props */
export function Checks({ checks, title }) {
  return html`<section class="checks" data-test="checks"><h2>${title}</h2><ul>${checks.map((/** @type {any} */ { name, state, word }) => html`
    <li key=${name} class=${state.toLowerCase()}><${Sign} name=${state === 'GOOD' ? 'check' : 'warn'} /><div><strong>${name}</strong><span>${word}</span></div></li>`)}</ul></section>`;
}
