// KERANJANG: the keys of the goods beside the basket; the keypad takes the basket's place.

import { total } from '../cart.js';
import { rupiah } from '../money.js';
import { Key, Notice, Sign } from '../parts.js';
import { html, useEffect, useRef } from '../view.js';
import { Goods } from './goods.js';
import { Lines } from './lines.js';
import { Pad } from './pad.js';
import { Told } from './told.js';

const ONE_COLUMN = '(max-width: 759px)';

/** In one column the keypad takes the whole screen; closing it comes back to the same goods. */
function useSheetScroll(open) {
  const before = useRef(0);
  useEffect(() => {
    if (!window.matchMedia(ONE_COLUMN).matches) return;
    if (open) before.current = window.scrollY;
    window.scrollTo(0, open ? 0 : before.current);
  }, [open]);
}

/** @param {any} props */
export function Basket({ state, act }) {
  const { pad, told, cart, pane } = state;
  const sheet = pad || told;
  const count = cart.lines.length;
  useSheetScroll(Boolean(sheet));
  const choose = (name, sign, word) => html`<${Key} test=${`pane-${name}`} look=${pane === name ? 'tab here' : 'tab'}
    aria-pressed=${pane === name} onTap=${() => act.showPane(name)}><${Sign} name=${sign} /><span>${word}</span></${Key}>`;
  return html`<div class=${`basket show-${pane} ${sheet ? 'with-sheet' : ''}`}>
    <${Notice} problem=${state.problem} />
    <div class="panes" role="group" aria-label="Tampilan">
      ${choose('goods', 'goods', 'Barang')}${choose('cart', 'basket', `Keranjang (${count})`)}
    </div>
    <section class="goods-side"><${Goods} catalogue=${state.catalogue} act=${act} /></section>
    <section class="cart-side">
      ${pad && html`<${Pad} key=${`${pad.good.sku} ${pad.line?.key}`} pad=${pad} prices=${state.prices} act=${act} />`}
      ${told && html`<${Told} good=${told} act=${act} />`}
      ${!sheet && html`<${Lines} state=${state} act=${act} />`}
    </section>
    ${!sheet && html`<div class="foot">
      <${Key} test="pay" look="primary" once disabled=${!count || state.busy} onTap=${act.pay}>
        ${count ? `Bayar ${rupiah(total(cart))}` : 'Pilih barang dulu'}</${Key}>
    </div>`}
  </div>`;
}
