// The balance does not reach: three keys, and what each would mean in rupiah.

import { Key, Sign } from '../parts.js';
import { rupiah } from '../money.js';
import { html } from '../view.js';
import { CANCEL_SALE, FEWER, PAY_REST, splitWord } from '../words/cash.js';
import { split } from './split.js';
import { payableNow } from './splitting.js';

/** @param {any} props */
export function Short({ state, act }) {
  const { aid, aidTotal, cashTotal } = split(state.cart.lines, state.catalogue.goods, payableNow(state));
  return html`<${Key} test="cancel-sale" look="quiet wide" onTap=${act.cancelSale}><${Sign} name="cross" /><span>${CANCEL_SALE}</span></${Key}>
    <${Key} test="fewer" look=${aid.length ? 'wide' : 'primary'} onTap=${act.toCart}>${FEWER}</${Key}>
    ${aid.length > 0 && html`<p class="split" data-test="split">${splitWord(aidTotal, cashTotal)}</p>
      <${Key} test="pay-rest" look="primary" once disabled=${state.busy} onTap=${act.splitTender}>${PAY_REST} ${rupiah(cashTotal)}</${Key}>`}`;
}
