// UANG ANDA: the owner sees what waits, what is on its way and what has arrived with the bank's reference.

import { date } from '../clock.js';
import { rupiah } from '../money.js';
import { Heading, Notice, Sign } from '../parts.js';
import { html, useEffect } from '../view.js';
import { MONEY } from '../words/shift.js';

/** @param {any} props */
export function Screen({ state, act }) {
  const { money } = state;
  useEffect(() => { act.askMoney(); }, []);
  return html`<div class="shop-money"><${Heading} title=${MONEY.TITLE} onBack=${() => act.visit('menu')} />
    <${Notice} problem=${state.problem} />
    ${money ? html`<${Shown} money=${money} />` : html`<p class="lead" role="status">Sebentar...</p>`}</div>`;
}

/** @param {any} props */
function Shown({ money: { not_settled: waiting, days, account } }) {
  const sum = (/** @type {string} */ name) => days.reduce((/** @type {number} */ all, /** @type {any} */ day) => all + day[name], 0);
  return html`<p class="total"><span>${MONEY.WAITING}</span><strong data-test="money-waiting">${rupiah(waiting + sum('waiting'))}</strong></p>
    <p class="hint">${MONEY.WAITING_WHY}</p>
    <p class="total"><span>${MONEY.SENT}</span><strong data-test="money-sent">${rupiah(sum('sent'))}</strong></p>
    <p class="hint" data-test="money-account">${account ? `${MONEY.ACCOUNT} ${account.bank} ${account.number}` : MONEY.NO_ACCOUNT}</p>
    <h2>${MONEY.DAYS}</h2>
    ${!days.length && html`<div class="empty"><${Sign} name="cash" /><p>${MONEY.NONE}</p></div>`}
    <ul>${days.map((/** @type {any} */ day) => html`<${Day} key=${day.day} day=${day} />`)}</ul>`;
}

/** @param {any} props */
function Day({ day }) {
  const { received, sent, waiting, waits_for: why, reference } = day;
  const [sign, word] = waiting ? ['clock', why ? MONEY.HELD[/** @type {keyof typeof MONEY.HELD} */ (why)] ?? MONEY.STILL : MONEY.STILL]
    : sent ? ['to-right', MONEY.SENT] : ['check', MONEY.RECEIVED];
  return html`<li data-test="money-day"><${Sign} name=${sign} /><div><strong>${date(day.day)}</strong><span>${word}</span>
    ${reference && !waiting && html`<span>${MONEY.REFERENCE} ${reference}</span>`}</div><strong class="money">${rupiah(received || sent || day.amount)}</strong></li>`;
}
