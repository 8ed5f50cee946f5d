// KENALI KPM without signal: her card's QR; the PIN comes when she has seen the basket.

import { rupiah } from '../../money.js';
import { Heading, Notice, Sign } from '../../parts.js';
import { html } from '../../view.js';
import { OTHER_WAYS_WAIT, WAY_OFFLINE } from '../../words/signal.js';
import { CardField } from '../card_field.js';

/** @param {any} props */
export function Screen({ state, act }) {
  const { sale, problem, busy } = state;
  return html`<div class="who chosen"><${Heading} title="Kenali KPM" onBack=${act.toCart}><span class="sum">${rupiah(sale.amount)}</span></${Heading}>
    <p class="notice watch" data-test="offline-way"><${Sign} name="card" /><span><strong>${WAY_OFFLINE}</strong>${OTHER_WAYS_WAIT}</span></p>
    <section class="way-panel"><${Notice} problem=${problem} />
      <${CardField} busy=${busy} onRead=${act.readCard} /></section>
  </div>`;
}
