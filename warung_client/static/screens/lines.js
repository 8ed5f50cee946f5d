// The basket's lines: what, how much, at what price; fixes stand at the line they mend.

import { total } from '../cart.js';
import { beyondDaily, dailyLimit } from '../daily.js';
import { onlyFor } from '../elsewhere.js';
import { lineTotal, quantity, rupiah } from '../money.js';
import { Key, Picture, Sign } from '../parts.js';
import { html } from '../view.js';
import { onlyWith, unitName } from '../words.js';

const STEP_MILLI = 1000;

/** @param {any} props */
export function Lines({ state, act }) {
  const { cart, catalogue } = state;
  return html`<div class="lines">
    ${cart.removed && html`<div class="undo"><span>${cart.removed.name} dikeluarkan.</span>
      <${Key} test="undo" look="quiet" onTap=${act.undoRemove}><${Sign} name="undo" /><span>Batalkan</span></${Key}></div>`}
    ${!cart.lines.length && html`<div class="empty"><${Sign} name="basket" /><p>Keranjang masih kosong.</p><p>Tekan gambar barang untuk mulai.</p></div>`}
    <ul>${cart.lines.map((line) => html`<${CartLine} key=${line.key} line=${line} cart=${cart} act=${act}
      good=${catalogue.goods.find(({ sku }) => sku === line.sku)} />`)}</ul>
    ${cart.lines.length > 0 && html`<p class="total"><span>Jumlah</span><strong data-test="total">${rupiah(total(cart))}</strong></p>`}
  </div>`;
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
  const { verdict, message, ceiling } = line.mark;
  const fixable = verdict === 'PRICE_ABOVE_CEILING' && typeof ceiling === 'number';
  return html`<div class="refusal" data-test="refusal"><p><${Sign} name="cross" /><span>${message}</span></p>
    ${fixable && html`<${Key} test="use-ceiling" look="fix" onTap=${() => act.useCeiling(line.key)}>
      <${Sign} name="check" /><span>Pakai ${rupiah(ceiling)} per ${unit}</span></${Key}>`}</div>`;
}
