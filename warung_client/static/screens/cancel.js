// BATALKAN: the owner says why, with her own PIN at a cashier's till; the money goes back to the aid, and the slip is printed.

import { hour } from '../clock.js';
import { rupiah } from '../money.js';
import { Heading, Key, Notice, Sign } from '../parts.js';
import { html } from '../view.js';
import { METHODS, VOID_REASONS } from '../words.js';
import { HISTORY } from '../words/shift.js';
import { OwnersPin } from './closing.js';
import { Giving } from './giving.js';
import { Paper } from './paper.js';

/** @param {any} props */
export function Cancel({ state, act }) {
  const { voiding: { purchase, done }, shop } = state;
  const left = purchase.amount - (purchase.returned ?? 0);
  return html`<div class="cancel"><${Heading} title="Batalkan belanja" onBack=${done ? null : act.closeVoid} />
    ${!done && html`<${Notice} problem=${state.problem} />`}
    ${done ? html`<${Slip} state=${state} done=${done} act=${act} />` : html`
      <section class="bill"><p class="total"><span>${hour(purchase.decided_at, shop.time_zone)}, ${METHODS[/** @type {keyof typeof METHODS} */ (purchase.method)] ?? purchase.method}</span>
        <strong data-test="void-amount">${rupiah(left)}</strong></p><p class="number">No ${purchase.number}</p></section>
      <p class="lead">Semua barang kembali ke warung. Uang kembali ke bantuan keluarga itu, bukan tunai. Keluarga diberi tahu lewat HP.</p>
      <${Why} state=${state} act=${act} />`}
  </div>`;
}

/** @param {any} props */
function Why({ state: { voiding: { reason }, staff, busy }, state, act }) {
  const hers = staff?.role === 'PEMILIK';
  if (reason && !hers) return html`<${OwnersPin} state=${state} act=${act} word=${HISTORY.VOID} onDone=${act.sendVoidAs} />`;
  if (reason) {
    return html`<${Key} test="void-again" look="primary wide" once disabled=${busy} onTap=${() => act.sendVoid(reason)}>Coba lagi</${Key}>`;
  }
  return html`<div class="reasons" role="group" aria-label="Mengapa dibatalkan">${VOID_REASONS.map((word, place) => html`
    <${Key} key=${word} test=${`void-reason-${place}`} look="plain wide" once disabled=${busy} onTap=${() => (hers ? act.sendVoid(word) : act.chooseVoid(word))}>
      <${Sign} name="undo" /><span>${word}</span></${Key}>`)}</div>`;
}

/** @param {any} props */
function Slip({ state, done, act }) {
  return html`<div class="notice calm" role="status" data-test="void-done"><${Sign} name="check" />
      <div><strong>${done.message}</strong><p>${done.next_step}</p></div></div>
    <${Paper} text=${done.receipt.text} copy=${state.marking} hook="void-slip" />
    <div class="foot"><${Giving} state=${state} act=${act} paper=${{ id: done.void_id ?? `void-${done.receipt.number}`, text: done.receipt.text }} />
      <${Key} test="void-close" look="primary" once onTap=${act.closeVoid}>Selesai</${Key}></div>`;
}
