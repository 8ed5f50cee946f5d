// PENGADUAN: bad goods that this shop is to swap, with the family's own PIN, and reports written down for her.

import { date, hour } from '../clock.js';
import { rupiah } from '../money.js';
import { Heading, Key, Notice, Sign } from '../parts.js';
import { uuid7 } from '../uuid7.js';
import { html, useEffect, useState } from '../view.js';
import { COMPLAINT } from '../words/complaints.js';
import { Pin } from './counting.js';

const RECEIPTS_SHOWN = 10;

/** @param {any} props */
export function Screen({ state, act }) {
  const [swap, setSwap] = useState(/** @type {any} */ (null));
  const [writing, setWriting] = useState(false);
  const [told, setTold] = useState(/** @type {any} */ (null));
  useEffect(() => { act.askSwaps(); }, []);
  const home = () => { setSwap(null); setWriting(false); };
  const tell = (/** @type {any} */ said) => { setTold(said); if (said.done) home(); };
  const back = swap || writing ? home : () => act.visit('menu');
  return html`<div class="today complaints"><${Heading} title=${COMPLAINT.TITLE} onBack=${back} />
    <${Notice} problem=${state.problem} />
    ${told && html`<p class="lead" role="status" data-test="complaint-told">${told.message} ${told.next_step}</p>`}
    ${swap ? html`<${Settled} swap=${swap} state=${state} act=${act} tell=${tell} />`
    : writing ? html`<${Write} state=${state} act=${act} tell=${tell} />`
      : html`<${Owed} state=${state} onSwap=${setSwap} />
        <${Key} test="write-complaint" look="quiet wide" onTap=${() => { setTold(null); setWriting(true); }}><${Sign} name="pen" /><span>${COMPLAINT.WRITE}</span></${Key}>`}
  </div>`;
}

/** @param {any} props */
function Owed({ state: { swaps, shop }, onSwap }) {
  if (!swaps) return html`<p class="lead" role="status">Sebentar...</p>`;
  return html`<h2>${COMPLAINT.SWAPS}</h2>
    ${!swaps.length && html`<div class="empty"><${Sign} name="check" /><p>${COMPLAINT.NONE}</p></div>`}
    <ul>${swaps.map((/** @type {any} */ each) => html`<li key=${each.reference} data-test="swap"><${Sign} name=${each.late ? 'warn' : 'clock'} />
      <div><strong>${each.goods.join(', ')}</strong><span>${COMPLAINT.RECEIPT} ${each.number}</span>
        <span>${each.late ? COMPLAINT.LATE : COMPLAINT.UNTIL} ${date(each.due_at.slice(0, 10))} ${hour(each.due_at, shop.time_zone)}</span></div>
      <div class="row-keys"><${Key} test=${`swap-${each.reference}`} look="small" onTap=${() => onSwap(each)}><${Sign} name="check" /><span>${COMPLAINT.SWAPPED}</span></${Key}></div></li>`)}</ul>`;
}

/** She types her own PIN; without it only the shop has said it. @param {any} props */
function Settled({ swap, state, act, tell }) {
  return html`<p class="lead">${swap.goods.join(', ')}</p>
    <${Pin} title=${COMPLAINT.HER_PIN} hint=${COMPLAINT.HER_PIN_WHY} word=${COMPLAINT.AGREED} test="swap-agreed" busy=${state.busy}
      onDone=${(/** @type {string} */ pin) => act.swapDone(swap.reference, pin, tell)} />
    <${Key} test="swap-without-pin" look="quiet wide" once disabled=${state.busy} onTap=${() => act.swapDone(swap.reference, '', tell)}>${COMPLAINT.WITHOUT}</${Key}>`;
}

/** Which purchase, then what is wrong with it. @param {any} props */
function Write({ state: { receipts, shop, busy }, act, tell }) {
  const [chosen, setChosen] = useState(/** @type {any} */ (null));
  const [id] = useState(() => uuid7());
  useEffect(() => { act.askReceipts(); }, []);
  if (chosen) {
    return html`<h2>${COMPLAINT.WHAT}</h2><div class="reasons">${COMPLAINT.KINDS.map(({ kind, word }) => html`<${Key} key=${kind} test=${`kind-${kind}`} look="quiet wide" once
      disabled=${busy} onTap=${() => act.complain({ id, number: chosen.number, kind }, tell)}>${word}</${Key}>`)}</div>`;
  }
  const rows = (receipts ?? []).filter((/** @type {any} */ row) => row.status === 'APPROVED' && row.number)
    .sort((/** @type {any} */ a, /** @type {any} */ b) => b.decided_at.localeCompare(a.decided_at)).slice(0, RECEIPTS_SHOWN);
  return html`<h2>${COMPLAINT.WHICH}</h2>
    ${!rows.length && html`<p class="empty">${receipts ? COMPLAINT.NO_RECEIPTS : 'Sebentar...'}</p>`}
    <div class="reasons">${rows.map((/** @type {any} */ row) => html`<${Key} key=${row.purchase_id} test="complaint-receipt" look="quiet wide" onTap=${() => setChosen(row)}>
      <span>${hour(row.decided_at, shop.time_zone)}</span><strong>${rupiah(row.amount)}</strong><span class="number">No ${row.number}</span></${Key}>`)}</div>`;
}
