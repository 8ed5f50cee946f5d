// HARI INI: the last purchases of this shop, found again by number, amount or hour; receipt and void stand at each.

import { date, hour } from '../clock.js';
import { rupiah } from '../money.js';
import { Heading, Key, Notice, Sign } from '../parts.js';
import { found, LAST } from '../shift/book.js';
import { html, useState } from '../view.js';
import { METHODS, STATUSES } from '../words.js';
import { HISTORY } from '../words/shift.js';
import { RECORDED_TITLE } from '../words/signal.js';

const SIGNS = { APPROVED: 'check', DECLINED: 'cross', PENDING: 'clock', VOIDED: 'undo', REVERSED: 'undo' };
const PAID = new Set(['APPROVED', 'VOIDED', 'REVERSED']);
const STATUS_WORDS = { ...STATUSES, RECORDED: RECORDED_TITLE };

/** @param {any} props */
export function Today({ state, act }) {
  const { today, shop } = state;
  const [wanted, setWanted] = useState('');
  const [all, setAll] = useState(false);
  const newest = [...today.purchases].sort((a, b) => b.decided_at.localeCompare(a.decided_at));
  const hits = found(newest, wanted, (row) => hour(row.decided_at, shop.time_zone));
  const shown = all || wanted ? hits : hits.slice(0, LAST);
  return html`<div class="today"><${Heading} title="Hari ini" onBack=${act.closeToday} />
    <${Notice} problem=${state.problem} />
    ${today.own && html`<div class="notice watch" role="status" data-test="own-list"><${Sign} name="clock" /><div><strong>${HISTORY.FROM_TABLET.message}</strong><p>${HISTORY.FROM_TABLET.nextStep}</p></div></div>`}
    <p class="total"><span>${date(today.day)}, disetujui</span><strong data-test="today-total">${rupiah(today.total_approved)}</strong></p>
    ${!newest.length && html`<div class="empty"><${Sign} name="list" /><p>Belum ada belanja hari ini.</p></div>`}
    ${newest.length > 0 && html`<label class="search"><${Sign} name="search" /><input type="search" data-test="find" placeholder=${HISTORY.FIND} aria-label=${HISTORY.FIND}
      value=${wanted} onInput=${(/** @type {any} */ event) => setWanted(event.target.value)} autocomplete="off" /></label>`}
    ${newest.length > 0 && !hits.length && html`<p class="empty">${HISTORY.NONE_FOUND}</p>`}
    <ul>${shown.map((one) => html`<${Row} key=${one.purchase_id} one=${one} zone=${shop.time_zone} own=${today.own} act=${act} />`)}</ul>
    ${newest.length > LAST && !wanted && html`<${Key} test="all" look="quiet wide" onTap=${() => setAll(!all)}>${all ? HISTORY.LAST : `${HISTORY.ALL} (${newest.length})`}</${Key}>`}
  </div>`;
}

/** @param {any} props */
function Row({ one, zone, own, act }) {
  const method = one.method ? `, ${METHODS[/** @type {keyof typeof METHODS} */ (one.method)] ?? one.method}` : '';
  return html`<li class=${one.status.toLowerCase()} data-test="purchase">
    <${Sign} name=${SIGNS[/** @type {keyof typeof SIGNS} */ (one.status)] ?? 'clock'} />
    <div><strong>${STATUS_WORDS[/** @type {keyof typeof STATUS_WORDS} */ (one.status)] ?? one.status}</strong><span>${hour(one.decided_at, zone)}${method}</span></div>
    <strong class="money">${rupiah(one.amount ?? 0)}</strong>
    ${one.number && html`<span class="number">No ${one.number}</span>`}
    ${!own && PAID.has(one.status) && html`<div class="row-keys">
      <${Key} test=${`receipt-${one.purchase_id}`} look="small" onTap=${() => act.openReceipt(one)}><${Sign} name="printer" /><span>${HISTORY.RECEIPT}</span></${Key}>
      ${one.status === 'APPROVED' && !one.returned && html`<${Key} test=${`void-${one.purchase_id}`} look="small" onTap=${() => act.openVoid(one)}>
        <${Sign} name="undo" /><span>${HISTORY.VOID}</span></${Key}>`}</div>`}</li>`;
}
