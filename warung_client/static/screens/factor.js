// The second proof after a face or KTP: PIN belanja, SMS code or birth date. No name is shown yet.

import { PinPad } from '../identify/pinpad.js';
import { Dots, Keypad } from '../keypad.js';
import { Key, Sign } from '../parts.js';
import { dayOf, spaced } from '../turning.js';
import { press } from '../typing.js';
import { html, useState } from '../view.js';
import { FACTORS, SLIP } from '../words.js';

const DIGITS = { PIN: 6, CODE: 6, BIRTH_DATE: 8 };

/** @param {any} props */
export function Factor({ state, act }) {
  const factors = state.sale.stepUp.filter((name) => FACTORS[name]);
  const [wanted, setWanted] = useState(factors[0]);
  const [sent, setSent] = useState(false);
  const factor = factors.includes(wanted) ? wanted : factors[0]; // a blocked PIN is no longer offered
  const toSend = factor === 'CODE' && !sent;
  function send() {
    setSent(true);
    return act.sendCode();
  }
  function choose(name) {
    setWanted(name);
    if (name === 'CODE') send();
  }
  return html`<div class="factor" data-test="factor">
    ${factors.length > 1 && html`<div class="chips" role="group" aria-label="Bukti kedua">${factors.map((name) => html`
      <${Key} key=${name} test=${`factor-${name}`} look=${name === factor ? 'chip here' : 'chip'} aria-pressed=${name === factor}
        disabled=${state.busy} onTap=${() => choose(name)}>${FACTORS[name].name}</${Key}>`)}</div>`}
    ${toSend
    ? html`<${Key} test="send-code" look="primary" once disabled=${state.busy} onTap=${send}>Kirim kode SMS</${Key}>`
    : html`<${Secret} key=${factor} factor=${factor} busy=${state.busy} word="Lanjut" onDone=${(value) => act.proveWith(factor, value)} />`}
  </div>`;
}

/** Asks for a PIN, code or date on the KPM's side of the tablet. @param {any} props */
export function Secret({ factor, busy, word, onDone }) {
  const [text, setText] = useState('');
  const digits = DIGITS[factor];
  const full = text.length === digits;
  const value = factor === 'BIRTH_DATE' ? dayOf(text) : text;
  async function done() {
    await onDone(value);
    setText('');
  }
  return html`<div class="secret"><h2>${FACTORS[factor].title}</h2>
    ${factor === 'BIRTH_DATE'
    ? html`<output class="typed" data-test="typed">${spaced(text) || ' '}</output>`
    : html`<${Dots} count=${text.length} of=${digits} />`}
    ${full && !value
    ? html`<p class="slip" role="alert" data-test="slip"><${Sign} name="warn" /><span>${SLIP}</span></p>`
    : html`<p class="hint">${FACTORS[factor].hint}</p>`}
    <${factor === 'PIN' ? PinPad : Keypad} prefix="pin" onPress=${(key) => setText((old) => press(old, key, { digitsMax: digits }))} />
    <${Key} test="secret-done" look="primary" once disabled=${!full || !value || busy} onTap=${done}>${busy ? 'Sebentar' : word}</${Key}>
  </div>`;
}
