// HASIL: approved, not yet possible, or still waiting; always with the reason and the next step.

import { rupiah } from '../money.js';
import { Key, Sign } from '../parts.js';
import { liesWithGoods } from '../state.js';
import { html, useEffect, useRef } from '../view.js';
import { NO_ANSWER, UNEXPECTED } from '../words.js';

const FACES = {
  APPROVED: { look: 'approved', sign: 'check', word: 'Disetujui' },
  DECLINED: { look: 'declined', sign: 'cross', word: 'Belum bisa' },
  WAITING: { look: 'waiting', sign: 'clock', word: 'Menunggu' },
};

/** @param {any} props */
export function Result({ state, act }) {
  const { outcome } = state;
  const { look, sign, word } = FACES[outcome.kind];
  const banner = useRef(null);
  useEffect(() => { banner.current?.focus(); }, [outcome.kind, outcome.slow]);
  return html`<div class=${`result ${look}`}>
    <div class="banner" role="alert" tabindex="-1" ref=${banner} data-test="result" data-kind=${outcome.kind} data-reason=${outcome.reason ?? ''}>
      <${Sign} name=${sign} /><div><h1>${word}</h1><${Story} outcome=${outcome} /></div></div>
    ${outcome.kind === 'APPROVED' && html`<${Receipt} outcome=${outcome} />`}
    <div class="foot"><${Next} state=${state} act=${act} /></div>
  </div>`;
}

/** @param {any} props */
function Story({ outcome }) {
  if (outcome.kind === 'APPROVED') return html`<p class="sum" data-test="result-amount">${rupiah(outcome.amount)}</p>`;
  if (outcome.kind === 'WAITING') {
    return html`<p>${outcome.message || (outcome.slow ? NO_ANSWER.message : `Sedang dibayar: ${rupiah(outcome.amount)}.`)}</p>
      ${outcome.slow && html`<p>${outcome.nextStep || 'Kasir bertanya lagi dengan sendirinya. Uang bantuan paling banyak terpotong satu kali. Jangan mengulang belanja.'}</p>`}`;
  }
  return html`<p data-test="result-message">${outcome.message || UNEXPECTED.message}</p>
    <p data-test="result-next">${outcome.nextStep || UNEXPECTED.nextStep}</p>`;
}

/** @param {any} props */
function Receipt({ outcome: { receipt, qr } }) {
  return html`<div class="paper"><pre class="receipt" data-test="receipt">${receipt?.text ?? ''}</pre>
    ${qr && html`<img class="qr" data-test="receipt-qr" src=${qr} alt="Kode QR untuk memeriksa struk" />`}</div>`;
}

/** @param {any} props */
function Next({ state, act }) {
  const { outcome, busy } = state;
  if (outcome.kind === 'WAITING') {
    return html`<${Key} key="ask" test="ask-again" look="primary" disabled=${!outcome.slow} onTap=${act.askAgain}>Tanya lagi sekarang</${Key}>`;
  }
  if (outcome.kind === 'APPROVED') {
    return html`<${Key} key="print" test="print" look="quiet wide" onTap=${() => window.print()}><${Sign} name="printer" /><span>Cetak struk</span></${Key}>
      <${Key} key="new" test="new-sale" look="primary" once onTap=${act.newSale}>Belanja berikutnya</${Key}>`;
  }
  const goods = liesWithGoods(state, outcome);
  return html`
    ${goods
    ? html`<${Key} key="other" test="other-way" look="quiet wide" onTap=${() => act.chooseWay(null)} disabled=${!state.sale}><${Sign} name="person" /><span>Cara lain</span></${Key}>
      <${Key} key="fix" test="fix-basket" look="primary" once onTap=${act.toCart}>Perbaiki belanja</${Key}>`
    : html`<${Key} key="other" test="other-way" look="quiet wide" disabled=${!state.sale} onTap=${() => act.chooseWay(null)}><${Sign} name="person" /><span>Pakai cara lain</span></${Key}>
      <${Key} key="again" test="try-again" look="primary" once disabled=${busy} onTap=${act.tryAgain}>Coba lagi</${Key}>`}`;
}
