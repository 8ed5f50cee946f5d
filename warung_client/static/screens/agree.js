// SETUJU: the tablet is turned to the KPM, who sees the basket and says yes or no.

import { leftToday } from '../daily.js';
import { lineTotal, masked, quantity, rupiah } from '../money.js';
import { Heading, Key, Notice, Sign } from '../parts.js';
import { html, useEffect, useState } from '../view.js';
import { heard } from '../heard.js';
import { tooLittle, unitName } from '../words.js';
import { Short } from '../selling/too_little.js';
import { Secret } from './factor.js';
import { stickerMark } from '../identify/cardqr.js';
import { HEAR_AMOUNT, HEAR_BALANCE, QUEUE_ADD } from '../words/identify.js';

const BALANCE_SHOWN_MS = 10_000;

/** @param {any} props */
export function Agree({ state, act }) {
  const { sale, cart, busy } = state;
  useEffect(() => {
    heard(({ say, speaks }) => speaks() && say(sale.amount));
    Short.bring();
  }, []);
  const short = sale.balance && sale.balance.before < sale.amount;
  return html`<div class=${`agree ${sale.asking ? 'asking' : ''}`}>
    <${Heading} title="Setuju" onBack=${() => act.chooseWay(null)} backWord="Cara lain" />
    <section class="bill">
      <p class="turn"><${Sign} name="turn" /><span>Putar tablet ke Ibu/Bapak KPM.</span></p>
      ${payerWord(sale) && html`<p class="payer" data-test="payer"><${Sign} name="person" /><span>${payerWord(sale)}</span></p>`}
      <ul>${cart.lines.map((line) => html`<li key=${line.key}><span>${line.name}</span>
        <span class="detail">${quantity(line.quantityMilli)} ${unitName(line.unit)} x ${rupiah(line.unitPrice)}</span>
        <strong class="money">${rupiah(lineTotal(line.unitPrice, line.quantityMilli))}</strong></li>`)}</ul>
      <p class="total"><span>Jumlah</span><strong data-test="agree-total">${rupiah(sale.amount)}</strong></p>
      <${Key} test="hear-amount" look="quiet wide hear" onTap=${() => heard(({ say }) => say(sale.amount))}><${Sign} name="sound" /><span>${HEAR_AMOUNT}</span></${Key}>
      ${sale.balance && html`<${Balance} balance=${sale.balance} />`}
      ${sale.token && !sale.asking && html`<${Key} test="queue-add" look="quiet wide" disabled=${busy} onTap=${act.queueSale}><${Sign} name="clock" /><span>${QUEUE_ADD}</span></${Key}>`}
    </section>
    <section class="answer"><${Notice} problem=${state.problem} />
      ${short && html`<${Notice} problem=${tooLittle(sale.balance.before, sale.amount)} />`}
      ${sale.asking
    ? html`<${Secret} factor=${sale.asking} busy=${busy} word=${`Bayar ${rupiah(sale.amount)}`} onDone=${act.paySecret} />`
    : html`<${Question} sale=${sale} short=${short} busy=${busy} state=${state} act=${act} />`}
    </section>
  </div>`;
}

/** @param {any} props */
function Question({ sale, short, busy, state, act }) {
  return html`<div class="question foot"><h2>Ini belanja saya?</h2>
    ${!short && html`<${Key} test="confirm-no" look="quiet wide" onTap=${act.toCart}><${Sign} name="cross" /><span>Bukan, ubah belanja</span></${Key}>`}
    ${short
    ? html`<${Short} state=${state} act=${act} />`
    : html`<${Key} test="confirm-yes" look="primary" once disabled=${busy} onTap=${act.agree}><${Sign} name="check" /><span>Ya, bayar ${rupiah(sale.amount)}</span></${Key}>`}
  </div>`;
}

/** The balance is the KPM's own: it hides by itself. @param {any} props */
function Balance({ balance }) {
  const [shown, setShown] = useState(true);
  useEffect(() => {
    if (!shown) return undefined;
    const timer = setTimeout(() => setShown(false), BALANCE_SHOWN_MS);
    return () => clearTimeout(timer);
  }, [shown]);
  if (!shown) {
    return html`<${Key} test="show-balance" look="quiet wide" onTap=${() => setShown(true)}><${Sign} name="eye" /><span>Lihat saldo</span></${Key}>`;
  }
  return html`<dl class="balance" data-test="balance">
    <div><dt>Saldo sekarang</dt><dd>${rupiah(balance.before)}</dd></div>
    ${typeof balance.after === 'number' && html`<div><dt>Sisa nanti</dt><dd>${rupiah(balance.after)}</dd></div>`}
    ${balance.programmes.map((/** @type {import('../types.js').Share} */ share) => html`<${Share} key=${share.programme} share=${share} />`)}
  </dl><${Key} test="hear-balance" look="quiet wide" onTap=${() => heard(({ sayBalance }) => sayBalance(balance.before))}><${Sign} name="sound" /><span>${HEAR_BALANCE}</span></${Key}>
  ${balance.limits.map((/** @type {import('../types.js').DayLimit} */ limit) => html`<p key=${limit.sku} class="daily" data-test="left-today">
    <${Sign} name="info" /><span>${leftToday(limit)}</span></p>`)}`;
}

/** Not all of her money may buy everything: each programme by itself. @param {any} props */
function Share({ share }) {
  const { title, programme, balance_before: before, balance_after: after } = share;
  return html`<div class="share" data-test=${`share-${programme}`}><dt>${title}</dt>
    <dd>${rupiah(before)}${typeof after === 'number' && html`<span> sisa ${rupiah(after)}</span>`}</dd></div>`;
}

/** Who pays, as far as it may be said. @param {any} sale */
function payerWord({ name, way, card, cardQr, msisdn }) {
  if (name) return name;
  if (way === 'KKS' && cardQr) return stickerMark(cardQr);
  if (way === 'KKS') return `KKS ${masked(card)}`;
  return way === 'PHONE' ? `HP ${masked(msisdn)}` : '';
}
