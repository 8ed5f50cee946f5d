// BATALKAN: the owner says why; the money goes back to the aid, and the slip is printed.

import { hour } from '../clock.js';
import { rupiah } from '../money.js';
import { Heading, Key, Notice, Sign } from '../parts.js';
import { html } from '../view.js';
import { METHODS, VOID_REASONS } from '../words.js';

/** @param {any} props */
export function Cancel({ state, act }) {
  const { voiding: { purchase, reason, done }, shop, busy } = state;
  const left = purchase.amount - (purchase.returned ?? 0);
  return html`<div class="cancel"><${Heading} title="Batalkan belanja" onBack=${done ? null : act.closeVoid} />
    <${Notice} problem=${state.problem} />
    ${done ? html`<${Slip} done=${done} act=${act} />` : html`
      <section class="bill"><p class="total"><span>${hour(purchase.decided_at, shop.time_zone)}, ${METHODS[purchase.method] ?? purchase.method}</span>
        <strong data-test="void-amount">${rupiah(left)}</strong></p><p class="number">No ${purchase.number}</p></section>
      <p class="lead">Semua barang kembali ke warung. Uang kembali ke bantuan keluarga itu, bukan tunai. Keluarga diberi tahu lewat HP.</p>
      ${reason
    ? html`<${Key} test="void-again" look="primary wide" once disabled=${busy} onTap=${() => act.sendVoid(reason)}>Coba lagi</${Key}>`
    : html`<div class="reasons" role="group" aria-label="Mengapa dibatalkan">${VOID_REASONS.map((word, place) => html`
      <${Key} key=${word} test=${`void-reason-${place}`} look="plain wide" once disabled=${busy} onTap=${() => act.sendVoid(word)}>
        <${Sign} name="undo" /><span>${word}</span></${Key}>`)}</div>`}`}
  </div>`;
}

/** @param {any} props */
function Slip({ done, act }) {
  return html`<div class="notice calm" role="status" data-test="void-done"><${Sign} name="check" />
      <div><strong>${done.message}</strong><p>${done.next_step}</p></div></div>
    <div class="paper"><pre class="receipt" data-test="void-slip">${done.receipt.text}</pre></div>
    <div class="foot"><${Key} test="print" look="quiet wide" onTap=${() => window.print()}><${Sign} name="printer" /><span>Cetak struk batal</span></${Key}>
      <${Key} test="void-close" look="primary" once onTap=${act.closeVoid}>Selesai</${Key}></div>`;
}
