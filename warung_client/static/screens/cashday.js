// TUNAI HARI INI: the day's ordinary sales on this device, newest first; any receipt again as a copy, any sale taken back.

import { date } from '../clock.js';
import { rupiah } from '../money.js';
import { Heading, Key, Notice, Sign } from '../parts.js';
import { salesOf, sumsOf } from '../selling/cash_book.js';
import { takeBack } from '../selling/cashing.js';
import { cashSlip, numberOf } from '../selling/cash_slip.js';
import { html, useEffect, useState } from '../view.js';
import { Giving } from './giving.js';
import { Paper } from './paper.js';
import {
  CASH_DAY, CASH_STAYS, DAY_IS_CLOSED, GIVE_BACK, NO_CASH_YET, NOT_AID, NOT_TAKEN_BACK, TAKE_BACK, TAKE_BACK_NOW, TAKE_BACK_TITLE, TAKEN_BACK,
  takenBackWord, WAYS_OF_MONEY,
} from '../words/cash.js';

/** @typedef {import('../selling/cash_slip.js').CashSale} CashSale */

/** @param {any} props */
export function Screen({ state, act, till }) {
  const [sales, setSales] = useState(/** @type {CashSale[]|null} */ (null));
  const [open, setOpen] = useState(/** @type {CashSale|null} */ (null));
  const [back, setBack] = useState(/** @type {CashSale|null} */ (null));
  const day = till.today();
  const read = () => salesOf(state.shop.shop_id, day).then(setSales, () => setSales([]));
  useEffect(() => { read(); }, [day]);
  /** @param {CashSale|null} shown */
  const close = (shown) => { setBack(null); setOpen(shown); read(); };
  if (back) return html`<${TakeBack} sale=${back} till=${till} onDone=${close} />`;
  if (open) return html`<${Copy} sale=${open} state=${state} act=${act} onBack=${() => setOpen(null)} />`;
  const sums = sumsOf(sales ?? []);
  const closed = state.shift?.day === day && Boolean(state.shift.closed);
  return html`<div class="today"><${Heading} title=${CASH_DAY} onBack=${act.toCart} />
    <p class="apart"><${Sign} name="info" /><span>${CASH_STAYS}</span></p>
    <p class="total"><span>${date(day)}, ${WAYS_OF_MONEY.CASH}</span><strong data-test="cash-total">${rupiah(sums.cash)}</strong></p>
    ${sums.qris > 0 && html`<p class="total"><span>${WAYS_OF_MONEY.QRIS}</span><strong>${rupiah(sums.qris)}</strong></p>`}
    ${sums.cancelled > 0 && html`<p class="hint" data-test="cash-cancelled">${takenBackWord(sums.cancelled)}</p>`}
    ${closed && html`<p class="hint" data-test="day-closed">${DAY_IS_CLOSED}</p>`}
    ${sales && !sales.length && html`<div class="empty"><${Sign} name="cash" /><p>${NO_CASH_YET}</p></div>`}
    <ul>${[...(sales ?? [])].reverse().map((one) => html`<${Row} key=${one.id} one=${one} closed=${closed} onCopy=${() => setOpen(one)} onBack=${() => setBack(one)} />`)}</ul>
  </div>`;
}

/** @param {any} props */
function Row({ one, closed, onCopy, onBack }) {
  const gone = Boolean(one.cancelled);
  return html`<li class=${gone ? 'voided' : ''} data-test="cash-sale" data-cancelled=${String(gone)}>
    <${Sign} name=${gone ? 'undo' : one.way === 'CASH' ? 'cash' : 'handset'} />
    <div><strong>${gone ? TAKEN_BACK : WAYS_OF_MONEY[one.way]}</strong><span>${one.at}</span></div>
    <strong class="money">${rupiah(one.amount)}</strong>
    <span class="number">No ${numberOf(one)}</span>
    <div class="row-keys"><${Key} test=${`copy-${one.number}`} look="small" onTap=${onCopy}><${Sign} name="printer" /><span>Struk</span></${Key}>
      ${!gone && !closed && html`<${Key} test=${`take-back-${one.number}`} look="small" onTap=${onBack}><${Sign} name="undo" /><span>${TAKE_BACK}</span></${Key}>`}</div></li>`;
}

/** Once more, with the sum that goes back. @param {any} props */
function TakeBack({ sale, till, onDone }) {
  const [problem, setProblem] = useState(/** @type {any} */ (null));
  async function now() {
    setProblem(null);
    const done = await takeBack(till, sale.id);
    if (done) onDone(done);
    else setProblem({ ...NOT_TAKEN_BACK });
  }
  return html`<div class="cancel"><${Heading} title=${TAKE_BACK_TITLE} onBack=${() => onDone(null)} /><${Notice} problem=${problem} />
    <section class="bill"><p class="total"><span>${sale.at}, ${WAYS_OF_MONEY[sale.way]}</span><strong data-test="back-amount">${rupiah(sale.amount)}</strong></p>
      <p class="number">No ${numberOf(sale)}</p></section>
    <p class="lead">${GIVE_BACK[sale.way](rupiah(sale.amount))}</p>
    <div class="foot"><${Key} test="take-back-now" look="primary" once onTap=${now}><${Sign} name="undo" /><span>${TAKE_BACK_NOW}</span></${Key}></div></div>`;
}

/** @param {any} props */
function Copy({ sale, state, act, onBack }) {
  const text = cashSlip(sale, state.shop.name);
  return html`<div class="result"><${Heading} title=${NOT_AID} onBack=${onBack} />
    <${Paper} text=${text} copy hook="cash-receipt" />
    <div class="foot"><${Giving} state=${state} act=${act} paper=${{ id: sale.id, text, copy: true }} /></div>
  </div>`;
}
