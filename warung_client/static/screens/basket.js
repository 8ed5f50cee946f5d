// KERANJANG: the keys of the goods beside the basket; the keypad takes the basket's place.

import { total } from '../cart.js';
import { rupiah } from '../money.js';
import { Key, Notice, Sign } from '../parts.js';
import { useScanner } from '../selling/scanner.js';
import { html, useEffect, useMemo, useRef } from '../view.js';
import { CASH_APART, CASH_OR_QRIS, PARK } from '../words/selling.js';
import { soon } from '../soon.js';
import { Goods } from './goods.js';

const Lines = soon(() => import('./lines.js').then((found) => found.Lines));
const Pad = soon(() => import('./pad.js').then((found) => found.Pad));
const Told = soon(() => import('./told.js').then((found) => found.Told));
const Unserved = soon(() => import('../identify/unserved.js').then((found) => found.Unserved));
const Waiting = soon(() => import('../selling/waiting.js').then((found) => found.Waiting));
/** What a tap on a good opens, fetched before anybody taps. */
export const bringParts = () => [Lines, Pad, Told, Unserved].forEach((part) => part.bring());

const ONE_COLUMN = '(max-width: 759px)';

/**
 * In one column the keypad takes the whole screen; closing it comes back to the same goods, and
 * the keyboard to the same key. @param {boolean} open @param {string} sku of the good on the keypad
 */
function useSheet(open, sku) {
  const before = useRef({ top: 0, sku: '' });
  useEffect(() => {
    const oneColumn = window.matchMedia(ONE_COLUMN).matches;
    const { top, sku: opened } = before.current;
    if (open) before.current = { top: window.scrollY, sku };
    if (oneColumn) window.scrollTo(0, open ? 0 : top);
    const away = document.activeElement === document.body;
    if (!open && opened && away) focusOn(`good-${opened}`);
  }, [open]);
}

/** @param {string} test */
const focusOn = (test) => /** @type {HTMLElement|null} */ (document.querySelector(`[data-test="${test}"]`))?.focus({ preventScroll: true });

/** Without a pointer: / searches, Ctrl+Enter pays, Escape leaves a sheet. @param {() => void} pay @param {() => void} leave */
function useShortcuts(pay, leave) {
  useEffect(() => {
    /** @param {KeyboardEvent} event */
    function typed(event) {
      const inField = event.target instanceof HTMLInputElement;
      if (event.key === '/' && !inField) {
        event.preventDefault();
        focusOn('search');
      } else if (event.key === 'Enter' && event.ctrlKey) {
        event.preventDefault();
        pay();
      } else if (event.key === 'Escape' && !inField) leave();
    }
    window.addEventListener('keydown', typed);
    return () => window.removeEventListener('keydown', typed);
  });
}

/** @param {any} props */
export function Basket({ state, act }) {
  const { pad, told, cart, aside, pane, catalogue, prices, counts } = state;
  const sheet = pad || told;
  const count = cart.lines.length;
  useSheet(Boolean(sheet), (pad?.good ?? told)?.sku ?? '');
  useScanner(act.scan);
  useShortcuts(() => { if (count && !sheet && !state.busy) act.pay(); }, act.closePad);
  const served = useRef({ count, baskets: 0 });
  if (!count && served.current.count) served.current.baskets += 1;
  served.current.count = count;
  const { baskets } = served.current;
  // a tap on the keypad or on a line leaves the keys of the goods as they are
  const goods = useMemo(() => html`<${Goods} state=${state} baskets=${baskets} act=${act} />`, [catalogue.goods, prices, counts, baskets]);
  const choose = (name, sign, word) => html`<${Key} test=${`pane-${name}`} look=${pane === name ? 'tab here' : 'tab'}
    aria-pressed=${pane === name} onTap=${() => act.showPane(name)}><${Sign} name=${sign} /><span>${word}</span></${Key}>`;
  return html`<div class=${`basket show-${pane} ${sheet ? 'with-sheet' : ''}`}>
    <div class="above"><${Notice} problem=${state.problem} />
      ${state.parked.length > 0 && !sheet && html`<${Waiting} parked=${state.parked} zone=${state.shop.time_zone} act=${act} />`}</div>
    <div class="panes" role="group" aria-label="Tampilan">
      ${choose('goods', 'goods', 'Barang')}${choose('cart', 'basket', `Keranjang (${count})`)}
    </div>
    <section class="goods-side">${goods}<${Unserved} act=${act} /></section>
    <section class="cart-side">
      ${pad && html`<${Pad} key=${`${pad.good.sku} ${pad.pack?.gtin} ${pad.line?.key} ${pad.aside}`} pad=${pad} prices=${state.prices} act=${act} />`}
      ${told && html`<${Told} good=${told} act=${act} />`}
      ${!sheet && html`<${Lines} state=${state} act=${act} />`}
    </section>
    ${!sheet && html`<div class="foot">
      ${count > 0 && html`<div class="beside"><${Key} test="park" look="quiet" disabled=${state.busy} onTap=${act.park}><${Sign} name="clock" /><span>${PARK}</span></${Key}>
        <${Key} test="cash" look="quiet" disabled=${state.busy} onTap=${() => act.openCash(true)}><${Sign} name="cash" /><span>${CASH_OR_QRIS}</span></${Key}></div>`}
      ${!count && aside.lines.length > 0
    ? html`<${Key} key="apart" test="pay-apart" look="primary" once onTap=${() => act.openCash(false)}>${CASH_APART}: ${rupiah(total(aside))}</${Key}>`
    : html`<${Key} key="pay" test="pay" look="primary" once disabled=${!count || state.busy} onTap=${act.pay}>
        ${count ? `Bayar ${rupiah(total(cart))}` : 'Pilih barang dulu'}</${Key}>`}
    </div>`}
  </div>`;
}
