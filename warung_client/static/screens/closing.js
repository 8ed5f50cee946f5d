// TUTUP KAS: unsent sales are said, the drawer is counted blind, the owner closes, and only then anything is compared.

import { rupiah } from '../money.js';
import { Key, Sign } from '../parts.js';
import { html, useEffect, useState } from '../view.js';
import { differenceWord, SHIFT, unsentWord } from '../words/shift.js';
import { Amount, Pin, Sums } from './counting.js';
import { Paper } from './paper.js';

/** @param {any} props */
export function Closing({ state, act }) {
  const { closing } = state;
  if (closing.step === 'UNSENT') return html`<${Unsent} state=${state} act=${act} />`;
  if (closing.step === 'COUNT') {
    return html`<p class="lead" data-test="blind">${SHIFT.BLIND}</p><p class="hint">${SHIFT.ONCE}</p>
      <${Amount} word=${SHIFT.COUNT_DONE} test="count-done" busy=${state.busy} onDone=${act.countDone} />`;
  }
  return html`<${Owner} state=${state} act=${act} />`;
}

/** @param {any} props */
function Unsent({ state: { closing: { unsent }, busy }, act }) {
  return html`<div class="notice watch" role="alert" data-test="unsent"><${Sign} name="clock" /><div><strong>${unsentWord(unsent.count, unsent.amount)}</strong>
      <p>${SHIFT.HAND_OVER_WHY}</p></div></div>
    <div class="reasons"><${Key} test="hand-over" look="quiet wide" onTap=${() => act.startClosing(true)}>${SHIFT.HAND_OVER}</${Key}>
      <${Key} test="send-now" look="primary" once disabled=${busy} onTap=${act.sendWaiting}>${SHIFT.SEND_NOW}</${Key}></div>`;
}

/** @param {any} props */
function Owner({ state, act }) {
  if (state.staff?.role === 'PEMILIK') {
    return html`<p class="lead">${SHIFT.ONCE}</p><${Key} test="close-now" look="primary" once disabled=${state.busy} onTap=${() => act.closeDay('')}>${SHIFT.CLOSE_NOW}</${Key}>`;
  }
  return html`<${OwnersPin} state=${state} act=${act} word=${SHIFT.CLOSE_NOW} onDone=${act.closeDay} />`;
}

/** The owner types her PIN at a cashier's till. @param {any} props */
export function OwnersPin({ state, act, word, onDone }) {
  const [here, setHere] = useState(/** @type {any} */ (undefined));
  useEffect(() => { act.ownerHere().then(setHere); }, []);
  if (here === null) {
    return html`<div class="notice stop" role="alert" data-test="no-owner"><${Sign} name="warn" /><div><strong>${SHIFT.NO_OWNER.message}</strong><p>${SHIFT.NO_OWNER.nextStep}</p></div></div>`;
  }
  return html`<${Pin} title=${SHIFT.OWNER_PIN} hint=${SHIFT.OWNER_HINT} word=${word} test="owner-done" busy=${state.busy} onDone=${onDone} />
    ${state.demo && here?.pin && html`<p class="hint" data-test="owner-hint">Contoh: PIN ${here.pin}</p>`}`;
}

/** What was closed, and what is missing or too much. @param {any} props */
export function Closed({ state, act }) {
  const { shift: { closed }, marking } = state;
  const { cash, text, unsent } = closed;
  const right = cash.difference === 0;
  const paper = { id: closed.close_id, text };
  return html`<p class="lead" role="status" data-test="closed">${SHIFT.CLOSED}</p>
    <div class=${`notice ${right ? 'calm' : 'watch'}`} data-test="difference"><${Sign} name=${right ? 'check' : 'warn'} />
      <div><strong>${right ? SHIFT.MATCHES : differenceWord(cash.difference)}</strong></div></div>
    <${Sums} rows=${[[SHIFT.EXPECTED, cash.expected, 'z-expected'], [SHIFT.COUNTED, cash.counted, 'z-counted'],
    ...(unsent.count ? [[`${SHIFT.WAITING}: ${unsent.count}`, rupiah(unsent.amount), 'z-unsent']] : [])]} />
    <${Paper} text=${text} copy=${marking} hook="z-slip" />
    <div class="foot"><${Key} test="print-z" look="quiet wide" onTap=${() => act.printReceipt(paper)}><${Sign} name="printer" /><span>${SHIFT.PRINT}</span></${Key}>
      <${Key} test="shift-done" look="primary" once onTap=${act.toCart}>${SHIFT.DONE}</${Key}></div>`;
}
