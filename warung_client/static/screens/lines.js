// The basket's lines: what, how much, at what price; fixes stand at the line they mend.

import { total } from '../cart.js';
import { beyondDaily, dailyLimit } from '../daily.js';
import { onlyFor } from '../elsewhere.js';
import { told } from '../tongue.js';
import { lineTotal, quantity, rupiah } from '../money.js';
import { Key, Picture, Sign } from '../parts.js';
import { OTHER } from '../selling/other.js';
import { isUsual } from '../selling/same.js';
import { html } from '../view.js';
import { onlyWith, unitName } from '../words.js';
import { CASH_APART, DONE, FREE_CHOICE, MOVE_TO_CASH } from '../words/selling.js';

const STEP_MILLI = 1000;
const MOVABLE = new Set(['ITEM_BANNED', 'ITEM_NOT_IN_PROGRAMME']);

/** @param {any} props */
export function Lines({ state, act }) {
  const { cart, catalogue, aside } = state;
  return html`<div class="lines">
    ${cart.before && html`<div class="undo"><span>${DONE[cart.before.kind](cart.before.name)}</span>
      <${Key} test="undo" look="quiet" onTap=${act.undoLast}><${Sign} name="undo" /><span>Batalkan</span></${Key}></div>`}
    ${isUsual(state.sold, cart.lines) && html`<p class="daily" role="status" data-test="free-choice"><${Sign} name="info" /><span>${FREE_CHOICE}</span></p>`}
    ${!cart.lines.length && html`<div class="empty"><${Sign} name="basket" /><p>Keranjang masih kosong.</p><p>Tekan gambar barang untuk mulai.</p></div>`}
    <ul>${cart.lines.map((line) => html`<${CartLine} key=${line.key} line=${line} cart=${cart} act=${act}
      good=${catalogue.goods.find(({ sku }) => sku === line.sku)} />`)}</ul>
    ${cart.lines.length > 0 && html`<p class="total"><span>Jumlah</span><strong data-test="total">${rupiah(total(cart))}</strong></p>`}
    ${aside.lines.length > 0 && html`<${Aside} aside=${aside} goods=${catalogue.goods} alone=${!cart.lines.length} act=${act} />`}
  </div>`;
}

/** What is paid with ordinary money: a sale and a receipt of its own. @param {any} props */
function Aside({ aside, goods, alone, act }) {
  return html`<section class="aside" data-test="aside"><h2><${Sign} name="cash" /><span>${CASH_APART}</span></h2>
    <ul>${aside.lines.map((line) => html`<li key=${line.key} class="line" data-test=${`apart-${line.sku}`}>
      <div class="what"><${Picture} good=${goods.find(({ sku }) => sku === line.sku) ?? OTHER} /><strong>${line.name}</strong>
        <strong class="money">${rupiah(lineTotal(line.unitPrice, line.quantityMilli))}</strong>
        <span>${quantity(line.quantityMilli)} ${unitName(line.unit)} x ${rupiah(line.unitPrice)}</span></div>
      <div class="tools two"><${Key} test="edit-apart" look="small" onTap=${() => act.editAside(line)}><${Sign} name="pen" /><span>Ubah</span></${Key}>
        <${Key} test="remove-apart" look="small" onTap=${() => act.removeAside(line.key)}><${Sign} name="bin" /><span>Hapus</span></${Key}></div></li>`)}</ul>
    ${!alone && html`<${Key} test="pay-apart" look="wide" onTap=${() => act.openCash(false)}>Bayar tunai ${rupiah(total(aside))}</${Key}>`}
  </section>`;
}

/** @param {any} props */
function CartLine({ line, good, cart, act }) {
  const unit = unitName(line.unit);
  return html`<li class=${line.mark ? 'line marked' : 'line'} data-test=${`line-${line.sku}`}>
    <div class="what">
      <${Picture} good=${good ?? line} />
      <strong>${line.name}</strong>
      <strong class="money">${rupiah(lineTotal(line.unitPrice, line.quantityMilli))}</strong>
      <span>${quantity(line.quantityMilli)} ${unit} x ${rupiah(line.unitPrice)}</span>
    </div>
    ${onlyFor(good).length > 0 && html`<p class="daily" data-test="only-with"><${Sign} name="info" /><span>${onlyWith(onlyFor(good))}</span></p>`}
    <${Daily} good=${good} beyond=${beyondDaily(cart, good)} />
    ${line.mark && html`<${Refusal} line=${line} unit=${unit} act=${act} />`}
    <div class="tools">
      <${Key} test="less" look="small" aria-label=${`Kurangi satu ${unit}`} disabled=${line.quantityMilli <= STEP_MILLI}
        onTap=${() => act.stepLine(line.key, -STEP_MILLI)}><${Sign} name="minus" /></${Key}>
      <${Key} test="more" look="small" aria-label=${`Tambah satu ${unit}`}
        onTap=${() => act.stepLine(line.key, STEP_MILLI)}><${Sign} name="plus" /></${Key}>
      <${Key} test="edit" look="small" disabled=${!good} onTap=${() => act.editLine(line)}><${Sign} name="pen" /><span>Ubah</span></${Key}>
      <${Key} test="remove" look="small" onTap=${() => act.removeLine(line.key)}><${Sign} name="bin" /><span>Hapus</span></${Key}>
    </div>
  </li>`;
}

/** What a day allows of the good; with a sign when the basket goes beyond it. @param {any} props */
function Daily({ good, beyond }) {
  const word = dailyLimit(good);
  if (!word) return null;
  return html`<p class=${beyond ? 'daily beyond' : 'daily'} data-test="daily-limit" role=${beyond ? 'status' : undefined}>
    <${Sign} name=${beyond ? 'warn' : 'info'} /><span>${word}</span></p>`;
}

/** What the engine said about the line, and the one tap that mends it. @param {any} props */
function Refusal({ line, unit, act }) {
  const { verdict, ceiling } = line.mark;
  const { message } = told({ reason: verdict, message: line.mark.message });
  const fixable = verdict === 'PRICE_ABOVE_CEILING' && typeof ceiling === 'number';
  return html`<div class="refusal" data-test="refusal"><p><${Sign} name="cross" /><span>${message}</span></p>
    ${fixable && html`<${Key} test="use-ceiling" look="fix" onTap=${() => act.useCeiling(line.key)}>
      <${Sign} name="check" /><span>Pakai ${rupiah(ceiling)} per ${unit}</span></${Key}>`}
    ${MOVABLE.has(verdict) && html`<${Key} test="move-apart" look="fix" onTap=${() => act.moveAside(line.key)}><${Sign} name="cash" /><span>${MOVE_TO_CASH}</span></${Key}>`}</div>`;
}
