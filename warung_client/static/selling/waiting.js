// The baskets that wait, each under its letter, in sight of whoever fills the next one.

import { total } from '../cart.js';
import { hour } from '../clock.js';
import { rupiah } from '../money.js';
import { Key } from '../parts.js';
import { html } from '../view.js';
import { WAITING_BASKETS } from '../words/selling.js';

/** @param {any} props */
export function Waiting({ parked, zone, act }) {
  return html`<div class="waiting-baskets" role="group" aria-label=${WAITING_BASKETS}><strong>${WAITING_BASKETS}</strong>
    <div class="chips">${parked.map((/** @type {import('./park.js').Parked} */ one) => html`<${Key} key=${one.label} test=${`recall-${one.label}`} look="chip" onTap=${() => act.recall(one.label)}>
      <strong>${one.label}</strong><span>${hour(one.atMs, zone)}</span><span class="money">${rupiah(total(one.cart) + total(one.aside))}</span></${Key}>`)}</div></div>`;
}
