// SETUJU without signal: the KPM sees the basket, says it is hers, and types the PIN belanja.

import { lineTotal, quantity, rupiah } from '../../money.js';
import { Heading, Key, Notice, Sign } from '../../parts.js';
import { html, useState } from '../../view.js';
import { FACTORS, unitName } from '../../words.js';
import { PinField } from '../pin_field.js';

/** @param {any} props */
export function Screen({ state, act }) {
  const { sale, cart, busy, problem } = state;
  const [agreed, setAgreed] = useState(false);
  return html`<div class=${`agree ${agreed ? 'asking' : ''}`}><${Heading} title="Setuju" onBack=${act.cardAgain} backWord="Kartu lain" />
    <section class="bill"><p class="turn"><${Sign} name="turn" /><span>Putar tablet ke Ibu/Bapak KPM.</span></p>
      <p class="payer" data-test="payer"><${Sign} name="person" /><span>${sale.name}</span></p>
      <ul>${cart.lines.map((line) => html`<li key=${line.key}><span>${line.name}</span>
        <span class="detail">${quantity(line.quantityMilli)} ${unitName(line.unit)} x ${rupiah(line.unitPrice)}</span>
        <strong class="money">${rupiah(lineTotal(line.unitPrice, line.quantityMilli))}</strong></li>`)}</ul>
      <p class="total"><span>Jumlah</span><strong data-test="agree-total">${rupiah(sale.amount)}</strong></p></section>
    <section class="answer"><${Notice} problem=${problem} />
      ${agreed
    ? html`<${PinField} title=${FACTORS.PIN.title} hint=${FACTORS.PIN.hint} word=${`Bayar ${rupiah(sale.amount)}`} busy=${busy} onDone=${act.payOffline} />`
    : html`<div class="question foot"><h2>Ini belanja saya?</h2>
        <${Key} test="confirm-no" look="quiet wide" onTap=${act.toCart}><${Sign} name="cross" /><span>Bukan, ubah belanja</span></${Key}>
        <${Key} test="confirm-yes" look="primary" once disabled=${busy} onTap=${() => setAgreed(true)}><${Sign} name="check" /><span>Ya, bayar ${rupiah(sale.amount)}</span></${Key}></div>`}
    </section></div>`;
}
