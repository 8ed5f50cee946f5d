// HASIL: approved, not yet possible, or still waiting; always with the reason and the next step.

import { told } from '../tongue.js';
import { rupiah } from '../money.js';
import { Key, Notice, Sign } from '../parts.js';
import { heard } from '../heard.js';
import { Short } from '../selling/too_little.js';
import { liesWithGoods } from '../steps.js';
import { html, useEffect, useRef } from '../view.js';
import { NO_ANSWER, UNEXPECTED } from '../words.js';
import { Giving } from './giving.js';
import { Paper } from './paper.js';
import { KEPT_BEFORE, RECORD_INSTEAD, RECORDED_NOTE, RECORDED_TITLE } from '../words/signal.js';
import { PHONE_OTHER } from '../words/identify.js';

const FACES = {
  APPROVED: { look: 'approved', sign: 'check', word: 'Disetujui' },
  DECLINED: { look: 'declined', sign: 'cross', word: 'Belum bisa' },
  WAITING: { look: 'waiting', sign: 'clock', word: 'Menunggu' },
  RECORDED: { look: 'recorded', sign: 'clock', word: RECORDED_TITLE },
};

const TOO_LITTLE = 'INSUFFICIENT_BALANCE';
/** The goods go with the family, and the paper with them. */
const HANDED_OVER = new Set(['APPROVED', 'RECORDED']);

/** @param {any} props */
export function Result({ state, act }) {
  const { outcome } = state;
  const { look, sign, word } = FACES[outcome.kind];
  const banner = useRef(null);
  useEffect(() => { banner.current?.focus(); }, [outcome.kind, outcome.slow]);
  useEffect(() => { // heard once it is certain
    if (outcome.kind === 'APPROVED') heard(({ signal }) => signal('approved', outcome.amount));
    if (outcome.kind === 'RECORDED') heard(({ signal }) => signal('recorded', outcome.amount));
    if (outcome.kind === 'DECLINED') heard(({ signalReason }) => signalReason(outcome.reason));
  }, [outcome.kind]);
  return html`<div class=${`result ${look}`}>
    <div class="banner" role="alert" tabindex="-1" ref=${banner} data-test="result" data-kind=${outcome.kind} data-reason=${outcome.reason ?? ''}>
      <${Sign} name=${sign} /><div><h1>${word}</h1><${Story} outcome=${outcome} /></div></div>
    ${HANDED_OVER.has(outcome.kind) && html`<${Paper} text=${outcome.receipt?.text} qr=${outcome.qr} copy=${state.marking} />`}
    <div class="foot"><${Next} state=${state} act=${act} /></div>
  </div>`;
}

/** @param {any} props */
function Story({ outcome }) {
  if (outcome.kind === 'APPROVED') return html`<p class="sum" data-test="result-amount">${rupiah(outcome.amount)}</p>`;
  if (outcome.kind === 'RECORDED') {
    return html`<p class="sum" data-test="result-amount">${rupiah(outcome.amount)}</p><p>${outcome.before ? KEPT_BEFORE : RECORDED_NOTE}</p>`;
  }
  if (outcome.kind === 'WAITING') {
    return html`<p>${outcome.message || (outcome.slow ? NO_ANSWER.message : `Sedang dibayar: ${rupiah(outcome.amount)}.`)}</p>
      ${outcome.slow && html`<p>${outcome.nextStep || 'Kasir bertanya lagi dengan sendirinya. Uang bantuan paling banyak terpotong satu kali. Jangan mengulang belanja.'}</p>`}`;
  }
  const { message, nextStep } = told(outcome);
  return html`<p data-test="result-message">${message || UNEXPECTED.message}</p>
    <p data-test="result-next">${nextStep || UNEXPECTED.nextStep}</p>`;
}

/** @param {any} props */
function Next({ state, act }) {
  const { outcome, busy } = state;
  if (outcome.kind === 'WAITING') {
    const instead = outcome.slow && state.offline.away && state.offline.device === 'APPROVED';
    const phone = outcome.slow && state.sale?.phoneAsked;
    return html`${phone && html`<${Key} key="phone" test="phone-other" look="quiet wide" once onTap=${act.otherThanPhone}><${Sign} name="person" /><span>${PHONE_OTHER}</span></${Key}>`}
      ${instead && html`<${Key} key="record" test="record-instead" look="quiet wide" once onTap=${act.recordInstead}><${Sign} name="card" /><span>${RECORD_INSTEAD}</span></${Key}>`}
      <${Key} key="ask" test="ask-again" look="primary" disabled=${!outcome.slow} onTap=${act.askAgain}>Tanya lagi sekarang</${Key}>`;
  }
  if (HANDED_OVER.has(outcome.kind)) {
    const { purchase_id: id, receipt, qr } = outcome;
    return html`<${Giving} key="give" state=${state} act=${act} paper=${{ id, text: receipt?.text ?? '', verify: receipt?.verify ?? '', qr }} />
      <${Key} key="new" test="new-sale" look="primary" once onTap=${act.newSale}>Belanja berikutnya</${Key}>`;
  }
  if (outcome.reason === TOO_LITTLE && state.sale) return html`<${Notice} problem=${state.problem} /><${Short} state=${state} act=${act} />`;
  const goods = liesWithGoods(state, outcome);
  return html`
    ${goods
    ? html`<${Key} key="other" test="other-way" look="quiet wide" onTap=${() => act.chooseWay(null)} disabled=${!state.sale}><${Sign} name="person" /><span>Cara lain</span></${Key}>
      <${Key} key="fix" test="fix-basket" look="primary" once onTap=${act.toCart}>Perbaiki belanja</${Key}>`
    : html`<${Key} key="other" test="other-way" look="quiet wide" disabled=${!state.sale} onTap=${() => act.chooseWay(null)}><${Sign} name="person" /><span>Pakai cara lain</span></${Key}>
      <${Key} key="again" test="try-again" look="primary" once disabled=${busy} onTap=${act.tryAgain}>Coba lagi</${Key}>`}`;
}
