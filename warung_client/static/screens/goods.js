// The picture keys of the goods, shelf by shelf, with a search field.

import { rupiah } from '../money.js';
import { Key, Picture, Sign } from '../parts.js';
import { shelves } from '../shelves.js';
import { html, useMemo, useState } from '../view.js';
import { SHELVES, unitName } from '../words.js';

const CHOICES = ['KARBO', 'HEWANI', 'NABATI', 'SAYUR', 'BUAH', 'LAIN'];

/** @param {any} props */
export function Goods({ catalogue, act }) {
  const [wanted, setWanted] = useState('');
  const [only, setOnly] = useState(null);
  const shown = useMemo(() => shelves(catalogue.goods, { wanted, only: wanted ? null : only }), [catalogue, wanted, only]);
  return html`<label class="search"><${Sign} name="search" />
      <input type="search" data-test="search" placeholder="Cari barang" aria-label="Cari barang"
        value=${wanted} onInput=${(event) => setWanted(event.target.value)} autocomplete="off" /></label>
    <div class="shelf-keys" role="group" aria-label="Kelompok barang">${CHOICES.map((name) => html`
      <${Key} key=${name} test=${`shelf-${name}`} look=${only === name ? 'shelf here' : 'shelf'} aria-pressed=${only === name}
        onTap=${() => setOnly(only === name ? null : name)}><${Picture} good=${{ sku: '', picture: SHELVES[name].picture }} /><span>${SHELVES[name].word}</span></${Key}>`)}</div>
    ${shown.map(({ title, goods }) => html`<section key=${title}><h2>${title}</h2>
      <div class="goods">${goods.map((good) => html`<${GoodKey} key=${good.sku} good=${good} act=${act} />`)}</div></section>`)}
    ${!shown.length && html`<p class="empty">Tidak ada barang bernama "${wanted}".</p>`}`;
}

/** @param {any} props */
function GoodKey({ good, act }) {
  const { ceiling, verdict } = good;
  const lawful = verdict === 'OK';
  return html`<${Key} look=${lawful ? 'good' : `good crossed ${verdict === 'ITEM_BANNED' ? '' : 'outside'}`} test=${`good-${good.sku}`} onTap=${() => act.openGood(good)}>
    <span class="drawing"><${Picture} good=${good} /></span>
    <strong>${good.name}</strong>
    ${lawful
    ? html`<span class="limit">${ceiling ? `${ceiling.action === 'DECLINE' ? 'maks' : 'acuan'} ${rupiah(ceiling.amount)}/${unitName(ceiling.unit)}` : 'harga pasar'}</span>`
    : html`<span class="limit no"><${Sign} name="cross" />${verdict === 'ITEM_BANNED' ? 'Tidak boleh' : 'Di luar bantuan'}</span>`}
  </${Key}>`;
}
