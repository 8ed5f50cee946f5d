// HARGA WARUNG: the shop's own price of each good today, with the lawful maximum beside it.

import { highestLawfulPrice, judgePrice, unitOf, unitsOf } from '../ceiling.js';
import { date } from '../clock.js';
import { Keypad } from '../keypad.js';
import { rupiah } from '../money.js';
import { Heading, Key, Notice, Picture, Sign } from '../parts.js';
import { lastTwo, priceKey } from '../selling/prices.js';
import { shelves } from '../shelves.js';
import { press, tidy } from '../typing.js';
import { html, useEffect, useMemo, useRef, useState } from '../view.js';
import { ceilingWord, MARKET_PRICE, unitName } from '../words.js';
import { beforeWord, HIGHEST, LIST_FOOT, listTitle, NO_PRICE, PRICE_LIST, PRICES_HINT, PRICES_TITLE } from '../words/cash.js';

const DIGITS_MAX = 7;

/** @param {any} props */
export function Screen({ state, act, till }) {
  const [open, setOpen] = useState(/** @type {any} */ (null));
  const [wanted, setWanted] = useState('');
  const { catalogue, priceBook } = state;
  const groups = useMemo(() => shelves(catalogue.goods.filter(({ verdict }) => verdict === 'OK'), { wanted }), [catalogue, wanted]);
  const day = till.today();
  const top = useRef(0); // where the list stood when a key was tapped
  useEffect(() => { window.scrollTo(0, open ? 0 : top.current); }, [open]);
  if (open) return html`<${Price} good=${open} book=${priceBook} day=${day} act=${act} onDone=${() => setOpen(null)} />`;
  const listed = rows(catalogue.goods, state.prices);
  return html`<div class="prices"><div class="no-print"><${Heading} title=${PRICES_TITLE} onBack=${act.toCart} />
      <${Notice} problem=${state.problem} />
      <p class="hint">${PRICES_HINT}</p>
      <label class="search"><${Sign} name="search" /><input type="search" data-test="price-search" placeholder="Cari barang" aria-label="Cari barang"
        value=${wanted} onInput=${(event) => setWanted(event.target.value)} autocomplete="off" /></label>
      ${groups.map(({ title, goods }) => html`<section key=${title}><h2>${title}</h2><ul class="price-keys">${goods.map((good) => html`
        <li key=${good.sku}><${PriceKey} good=${good} prices=${state.prices} onTap=${() => { top.current = window.scrollY; setOpen(good); }} /></li>`)}</ul></section>`)}
      <div class="foot"><${Key} test="print-prices" look="primary" disabled=${!listed.length} onTap=${() => window.print()}>${PRICE_LIST}</${Key}></div>
    </div><${Sheet} listed=${listed} day=${day} state=${state} /></div>`;
}

/** @param {any} props */
function PriceKey({ good, prices, onTap }) {
  const own = prices[priceKey({ sku: good.sku, unit: good.base_unit })];
  const unit = unitOf(good, good.base_unit);
  const highest = highestLawfulPrice(good, unit);
  return html`<${Key} test=${`price-${good.sku}`} look="price" onTap=${onTap}>
    <span class="drawing"><${Picture} good=${good} /></span><strong>${good.name}</strong>
    <strong class="money">${own ? `${rupiah(own)}/${unitName(unit.code)}` : NO_PRICE}</strong>
    <span class="limit">${highest === null ? MARKET_PRICE : ceilingWord(good.ceiling.action, highest, unit.code)}</span></${Key}>`;
}

/** The keypad of one good's price. @param {any} props */
function Price({ good, book, day, act, onDone }) {
  const [code, setCode] = useState(good.base_unit);
  const unit = unitOf(good, code);
  const of = { sku: good.sku, unit: unit.code };
  const { newest, before } = lastTwo(book, priceKey(of));
  const [typed, setTyped] = useState('');
  const price = Number(typed || '0');
  const highest = highestLawfulPrice(good, unit);
  const tooHigh = judgePrice(good, unit, price) === 'ABOVE_CEILING';
  const past = newest?.day === day ? before : newest;
  const limit = highest === null ? MARKET_PRICE : ceilingWord(good.ceiling.action, highest, unit.code);
  const keep = (/** @type {number} */ amount) => { act.setPrice(of, amount); onDone(); };
  return html`<div class="sheet pad"><${Heading} title=${good.name} onBack=${onDone} backWord="Batal"><${Picture} good=${good} /></${Heading}>
    <p class=${tooHigh ? 'limit-title above_ceiling' : 'limit-title'} data-test="limit" role=${tooHigh ? 'alert' : undefined}>${limit}</p>
    ${good.units.length > 1 && html`<div class="chips units" role="group" aria-label="Satuan">${unitsOf(good).map((each) => html`
      <${Key} key=${each.code} test=${`unit-${each.code}`} look=${each.code === code ? 'chip here' : 'chip'} aria-pressed=${each.code === code}
        onTap=${() => { setCode(each.code); setTyped(''); }}>${unitName(each.code)}</${Key}>`)}</div>`}
    <p class=${`counted ${tooHigh ? 'above_ceiling' : ''}`}><span>Harga per ${unitName(unit.code)}</span><strong data-test="typed-price">${rupiah(price || (newest?.price ?? 0))}</strong></p>
    ${past && html`<p class="hint">${beforeWord(past.price, date(past.day))}</p>`}
    ${tooHigh && html`<${Key} test="use-ceiling" look="fix wide" onTap=${() => keep(highest)}>Pakai ${rupiah(highest)}</${Key}>`}
    <${Keypad} corner="000" onPress=${(key) => setTyped((old) => tidy(press(old, key, { digitsMax: DIGITS_MAX })))} />
    <div class="foot">${newest && html`<${Key} test="no-price" look="quiet wide" onTap=${() => keep(0)}><${Sign} name="bin" /><span>Hapus harga</span></${Key}>`}
      <${Key} test="keep-price" look="primary" disabled=${!price || tooHigh} onTap=${() => keep(price)}>Simpan ${rupiah(price)}</${Key}></div>
  </div>`;
}

/**
 * What is on the list: each lawful good and unit with a price, in the order of the shelves.
 * @param {import('../types.js').Good[]} goods @param {Record<string, number>} prices
 */
export function rows(goods, prices) {
  return [...goods].sort((a, b) => a.position - b.position).filter(({ verdict }) => verdict === 'OK').flatMap((good) => unitsOf(good).flatMap((unit) => {
    const price = prices[priceKey({ sku: good.sku, unit: unit.code })];
    return price ? [{ key: `${good.sku} ${unit.code}`, name: good.name, unit: unitName(unit.code), price, highest: highestLawfulPrice(good, unit) }] : [];
  }));
}

/** The paper for the wall. @param {any} props */
function Sheet({ listed, day, state }) {
  return html`<div class="price-sheet" data-test="price-sheet"><h1>${state.shop.name}</h1><p>${listTitle(date(day))}</p>
    <table><thead><tr><th>Barang</th><th>Satuan</th><th>${PRICES_TITLE}</th><th>${HIGHEST}</th></tr></thead>
      <tbody>${listed.map((row) => html`<tr key=${row.key}><td>${row.name}</td><td>${row.unit}</td><td class="money">${rupiah(row.price)}</td>
        <td class="money">${row.highest === null ? '-' : rupiah(row.highest)}</td></tr>`)}</tbody></table>
    <p>${LIST_FOOT}</p></div>`;
}
