// TUNAI / QRIS: an ordinary sale, without any family and without the engine.

import { Keypad } from '../keypad.js';
import { lineTotal, quantity, rupiah } from '../money.js';
import { Heading, Key, Notice, Sign } from '../parts.js';
import { cashSlip } from '../selling/cash_slip.js';
import { finishCash, qrisPicture, sumOf } from '../selling/cashing.js';
import { changeOf, NOTES, withNote } from '../selling/change.js';
import { press, tidy } from '../typing.js';
import { html, useEffect, useRef, useState } from '../view.js';
import { unitName } from '../words.js';
import { Giving } from './giving.js';
import { Paper } from './paper.js';
import {
  CASH_TITLE, changeWord, ENOUGH, GIVEN, missingWord, NOT_AID, PAID_CASH, PAID_QRIS, QRIS_HINT, QRIS_SEEN, QRIS_TYPED_HINT, WAYS_OF_MONEY,
} from '../words/cash.js';

const DIGITS_MAX = 8;
const SIGNS = { CASH: 'cash', QRIS: 'handset' };

/** @param {any} props */
export function Screen({ state, act, till }) {
  const [way, setWay] = useState(/** @type {'CASH'|'QRIS'} */ ('CASH'));
  const { cash } = state;
  if (!cash) return html`<${Heading} title=${CASH_TITLE} onBack=${act.toCart} />`;
  if (cash.sale) return html`<${Done} state=${state} act=${act} />`;
  const amount = sumOf(cash.lines);
  return html`<div class="cash">
    <${Heading} title=${CASH_TITLE} onBack=${act.toCart}><span class="sum" data-test="cash-amount">${rupiah(amount)}</span></${Heading}>
    <p class="apart" data-test="not-aid"><${Sign} name="info" /><span>${NOT_AID}</span></p>
    <${Notice} problem=${state.problem} />
    <div class="panes" role="group" aria-label="Cara membayar">${Object.keys(WAYS_OF_MONEY).map((each) => html`
      <${Key} key=${each} test=${`cash-${each}`} look=${way === each ? 'tab here' : 'tab'} aria-pressed=${way === each} onTap=${() => setWay(/** @type {any} */ (each))}>
        <${Sign} name=${SIGNS[each]} /><span>${WAYS_OF_MONEY[each]}</span></${Key}>`)}</div>
    <ul class=${`bill ${way}`}>${cash.lines.map((line, place) => html`<li key=${place}><span>${line.name}</span>
      <span class="detail">${quantity(line.quantityMilli)} ${unitName(line.unit)} x ${rupiah(line.unitPrice)}</span>
      <strong class="money">${rupiah(lineTotal(line.unitPrice, line.quantityMilli))}</strong></li>`)}</ul>
    ${way === 'CASH' ? html`<${Counter} amount=${amount} till=${till} />` : html`<${Code} amount=${amount} till=${till} />`}
  </div>`;
}

/** Notes on the counter, and what goes back. @param {any} props */
function Counter({ amount, till }) {
  const [typed, setTyped] = useState('');
  const given = Number(typed || '0');
  const back = changeOf(amount, given);
  return html`<section class="counter">
    <div class="chips notes" role="group" aria-label=${GIVEN}>
      <${Key} test="exact" look="chip" onTap=${() => setTyped(String(amount))}>${ENOUGH}</${Key}>
      ${NOTES.map((note) => html`<${Key} key=${note} test=${`note-${note}`} look="chip" onTap=${() => setTyped(String(withNote(given, note)))}>${rupiah(note)}</${Key}>`)}
    </div>
    <p class="counted"><span>${GIVEN}</span><strong data-test="given">${rupiah(given)}</strong></p>
    <${Keypad} corner="000" onPress=${(key) => setTyped((old) => tidy(press(old, key, { digitsMax: DIGITS_MAX })))} />
    <div class="foot"><p class="returns" role="status" data-test="change">${given ? (back === null ? missingWord(amount - given) : changeWord(back)) : ''}</p>
      <${Key} test="cash-done" look="primary" once disabled=${back === null} onTap=${() => finishCash(till, { way: 'CASH', given })}>Terima ${rupiah(amount)}</${Key}></div>
  </section>`;
}

/** The shop's own code; whether the money came, the shop's telephone says. @param {any} props */
function Code({ amount, till }) {
  const [seen, setSeen] = useState(/** @type {any} */ (null));
  useEffect(() => {
    let gone = false;
    qrisPicture(till, amount).then((found) => { if (!gone) setSeen(found); });
    return () => { gone = true; };
  }, [amount]);
  return html`<section class="shown"><${Notice} problem=${seen?.problem} />
    ${seen?.picture && html`<img class="qr" data-test="shop-qr" src=${seen.picture} alt="Kode QRIS warung" />
      <p class="hint">${seen.typed ? QRIS_TYPED_HINT : QRIS_HINT}</p>`}
    <div class="foot"><${Key} test="cash-done" look="primary" once disabled=${!seen?.picture} onTap=${() => finishCash(till, { way: 'QRIS', given: amount })}>
      ${QRIS_SEEN}: ${rupiah(amount)}</${Key}></div>
  </section>`;
}

/** @param {any} props */
function Done({ state, act }) {
  const { sale } = state.cash;
  const self = useRef(null);
  useEffect(() => { self.current?.focus(); }, []);
  const text = cashSlip(sale, state.shop.name);
  const back = sale.way === 'CASH' ? sale.given - sale.amount : 0;
  return html`<div class="result paid">
    <div class="banner" role="alert" tabindex="-1" ref=${self} data-test="cash-result"><${Sign} name="cash" />
      <div><h1>${sale.way === 'CASH' ? PAID_CASH : PAID_QRIS}</h1><p class="sum">${rupiah(sale.amount)}</p>
        ${back > 0 && html`<p class="back" data-test="cash-back">${changeWord(back)}</p>`}<p>${NOT_AID}</p></div></div>
    <${Paper} text=${text} copy=${state.marking} hook="cash-receipt" />
    <div class="foot"><${Giving} state=${state} act=${act} paper=${{ id: sale.id, text }} />
      <${Key} test="cash-next" look="primary" once onTap=${act.closeCash}>${state.cart.lines.length ? 'Lanjut belanja bantuan' : 'Belanja berikutnya'}</${Key}></div>
  </div>`;
}
