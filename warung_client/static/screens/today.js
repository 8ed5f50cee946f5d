// HARI INI: the day's purchases at this shop, newest first.

import { date, hour } from '../clock.js';
import { rupiah } from '../money.js';
import { Heading, Key, Notice, Sign } from '../parts.js';
import { html } from '../view.js';
import { METHODS, STATUSES } from '../words.js';

const SIGNS = { APPROVED: 'check', DECLINED: 'cross', PENDING: 'clock', VOIDED: 'undo', REVERSED: 'undo' };

/** @param {any} props */
export function Today({ state, act }) {
  const { today, shop } = state;
  const owner = state.staff?.role === 'PEMILIK';
  const newest = [...today.purchases].sort((a, b) => b.decided_at.localeCompare(a.decided_at));
  return html`<div class="today"><${Heading} title="Hari ini" onBack=${act.closeToday} />
    <${Notice} problem=${state.problem} />
    <p class="total"><span>${date(today.day)}, disetujui</span><strong data-test="today-total">${rupiah(today.total_approved)}</strong></p>
    ${!newest.length && html`<div class="empty"><${Sign} name="list" /><p>Belum ada belanja hari ini.</p></div>`}
    <ul>${newest.map((one) => html`<li key=${one.purchase_id} class=${one.status.toLowerCase()} data-test="purchase">
      <${Sign} name=${SIGNS[one.status] ?? 'clock'} />
      <div><strong>${STATUSES[one.status] ?? one.status}</strong>
        <span>${hour(one.decided_at, shop.time_zone)}${one.method ? `, ${METHODS[one.method] ?? one.method}` : ''}</span>
      </div>
      <strong class="money">${rupiah(one.amount ?? 0)}</strong>
      ${one.number && html`<span class="number">No ${one.number}</span>`}
      ${owner && one.status === 'APPROVED' && !one.returned && html`<${Key} test=${`void-${one.purchase_id}`} look="small" onTap=${() => act.openVoid(one)}>
        <${Sign} name="undo" /><span>Batalkan</span></${Key}>`}</li>`)}</ul>
  </div>`;
}
