// TUNAI HARI INI: the day's ordinary sales on this device, newest first; any receipt again as a copy.

import { date } from '../clock.js';
import { rupiah } from '../money.js';
import { Heading, Key, Sign } from '../parts.js';
import { salesOf, sumsOf } from '../selling/cash_book.js';
import { cashSlip, numberOf } from '../selling/cash_slip.js';
import { html, useEffect, useState } from '../view.js';
import { Giving } from './giving.js';
import { Paper } from './paper.js';
import { CASH_DAY, CASH_STAYS, NO_CASH_YET, NOT_AID, WAYS_OF_MONEY } from '../words/cash.js';

/** @param {any} props */
export function Screen({ state, act, till }) {
  const [sales, setSales] = useState(/** @type {import('../selling/cash_slip.js').CashSale[]|null} */ (null));
  const [open, setOpen] = useState(/** @type {any} */ (null));
  const day = till.today();
  useEffect(() => { salesOf(state.shop.shop_id, day).then(setSales, () => setSales([])); }, [day]);
  if (open) return html`<${Copy} sale=${open} state=${state} act=${act} onBack=${() => setOpen(null)} />`;
  const sums = sumsOf(sales ?? []);
  return html`<div class="today"><${Heading} title=${CASH_DAY} onBack=${act.toCart} />
    <p class="apart"><${Sign} name="info" /><span>${CASH_STAYS}</span></p>
    <p class="total"><span>${date(day)}, ${WAYS_OF_MONEY.CASH}</span><strong data-test="cash-total">${rupiah(sums.cash)}</strong></p>
    ${sums.qris > 0 && html`<p class="total"><span>${WAYS_OF_MONEY.QRIS}</span><strong>${rupiah(sums.qris)}</strong></p>`}
    ${sales && !sales.length && html`<div class="empty"><${Sign} name="cash" /><p>${NO_CASH_YET}</p></div>`}
    <ul>${[...(sales ?? [])].reverse().map((one) => html`<li key=${one.id} data-test="cash-sale">
      <${Sign} name=${one.way === 'CASH' ? 'cash' : 'handset'} />
      <div><strong>${WAYS_OF_MONEY[one.way]}</strong><span>${one.at}</span></div>
      <strong class="money">${rupiah(one.amount)}</strong>
      <span class="number">No ${numberOf(one)}</span>
      <${Key} test=${`copy-${one.number}`} look="small" onTap=${() => setOpen(one)}><${Sign} name="printer" /><span>Struk</span></${Key}></li>`)}</ul>
  </div>`;
}

/** @param {any} props */
function Copy({ sale, state, act, onBack }) {
  const text = cashSlip(sale, state.shop.name);
  return html`<div class="result"><${Heading} title=${NOT_AID} onBack=${onBack} />
    <${Paper} text=${text} copy hook="cash-receipt" />
    <div class="foot"><${Giving} state=${state} act=${act} paper=${{ id: sale.id, text, copy: true }} /></div>
  </div>`;
}
