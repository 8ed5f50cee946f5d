// The picture keys of the goods, shelf by shelf, with a search field; what the shop sells most stands first.

import { rupiah } from '../money.js';
import { Key, Picture, Sign } from '../parts.js';
import { favourites } from '../selling/favourites.js';
import { OTHER } from '../selling/other.js';
import { priceKey } from '../selling/prices.js';
import { shelves } from '../shelves.js';
import { html, useMemo, useState } from '../view.js';
import { SHELVES, unitName } from '../words.js';
import { MOST_SOLD, OTHER_HINT, SCAN } from '../words/selling.js';

const CHOICES = ['KARBO', 'HEWANI', 'NABATI', 'SAYUR', 'BUAH', 'LAIN'];

/** @param {any} props */
export function Goods({ state, baskets, act }) {
  const { catalogue: { goods: listed }, prices, counts } = state;
  const [wanted, setWanted] = useState('');
  const [only, setOnly] = useState(null);
  const shown = useMemo(() => shelves(listed, { wanted, only: wanted ? null : only }), [listed, wanted, only]);
  // the row keeps still while a basket is filled
  const most = useMemo(() => favourites(counts, listed), [listed, baskets, Object.keys(counts).length === 0]);
  const keys = (goods, prefix) => html`<div class="goods">${goods.map((good) => html`
    <${GoodKey} key=${good.sku} good=${good} own=${prices[priceKey({ sku: good.sku, unit: good.base_unit })]} prefix=${prefix} act=${act} />`)}</div>`;
  /** The only good that is left is meant. @param {KeyboardEvent} event */
  const entered = (event) => {
    const [first, ...others] = shown.flatMap(({ goods }) => goods);
    if (event.key === 'Enter' && wanted && first && !others.length) act.openGood(first);
  };
  return html`<div class="finding"><label class="search"><${Sign} name="search" />
      <input type="search" data-test="search" placeholder="Cari barang" aria-label="Cari barang"
        value=${wanted} onInput=${(event) => setWanted(event.target.value)} onKeyDown=${entered} autocomplete="off" /></label>
      <${Key} test="scan" look="scan" onTap=${() => act.visit('scan')}><${Sign} name="camera" /><span>${SCAN}</span></${Key}></div>
    ${most.length > 0 && !wanted && !only && html`<section class="most" data-test="most"><h2>${MOST_SOLD}</h2>${keys(most, 'most')}</section>`}
    <div class="shelf-keys" role="group" aria-label="Kelompok barang">${CHOICES.map((name) => html`
      <${Key} key=${name} test=${`shelf-${name}`} look=${only === name ? 'shelf here' : 'shelf'} aria-pressed=${only === name}
        onTap=${() => setOnly(only === name ? null : name)}><${Picture} good=${{ sku: '', picture: SHELVES[name].picture }} /><span>${SHELVES[name].word}</span></${Key}>`)}</div>
    ${shown.map(({ title, goods }) => html`<section key=${title}><h2>${title}</h2>${keys(goods, 'good')}</section>`)}
    ${!shown.length && html`<p class="empty">Tidak ada barang bernama "${wanted}".</p>`}
    ${!only && html`<div class="goods"><${Key} look="good crossed outside" test="good-other" onTap=${() => act.openAside(OTHER)}>
      <span class="drawing"><${Picture} good=${OTHER} /></span><strong>${OTHER.name}</strong>
      <span class="limit no"><${Sign} name="cash" />${OTHER_HINT}</span></${Key}></div>`}`;
}

/** Drawn again only when the good or its price is another: a hundred of them stand there at every tap. @param {any} props */
function GoodKey({ good, own, prefix, act }) {
  return useMemo(() => goodKey(good, own, prefix, act), [good, own]);
}

function goodKey(good, own, prefix, act) {
  const { ceiling, verdict } = good;
  const lawful = verdict === 'OK';
  return html`<${Key} look=${lawful ? 'good' : `good crossed ${verdict === 'ITEM_BANNED' ? '' : 'outside'}`} test=${`${prefix}-${good.sku}`} onTap=${() => act.openGood(good)}>
    <span class="drawing"><${Picture} good=${good} /></span>
    <strong>${good.name}</strong>
    ${lawful && own && html`<span class="own">${rupiah(own)}/${unitName(good.base_unit)}</span>`}
    ${lawful
    ? html`<span class="limit">${ceiling ? `${ceiling.action === 'FLAG' ? 'acuan' : 'maks'} ${rupiah(ceiling.amount)}/${unitName(ceiling.unit)}` : 'harga pasar'}</span>`
    : html`<span class="limit no"><${Sign} name="cross" />${verdict === 'ITEM_BANNED' ? 'Tidak boleh' : 'Di luar bantuan'}</span>`}
  </${Key}>`;
}
