// STOK: what lies in the shop, the scarce first; goods come in and are counted with one keypad.

import { quantity } from '../money.js';
import { Keypad } from '../keypad.js';
import { Heading, Key, Notice, Picture, Sign } from '../parts.js';
import { shelf, STOCK_MILLI_MAX } from '../shift/stock.js';
import { COMMA, milli, press, tidy } from '../typing.js';
import { html, useState } from '../view.js';
import { STOCK } from '../words/shift.js';
import { unitName } from '../words.js';

const FOUND_MAX = 30;

/** @param {any} props */
export function Screen({ state, act }) {
  const { stock = {}, catalogue } = state;
  const [chosen, setChosen] = useState(/** @type {any} */ (null));
  const [wanted, setWanted] = useState('');
  if (chosen) return html`<${Good} good=${chosen} kept=${stock[chosen.sku]} act=${act} onBack=${() => setChosen(null)} />`;
  const rows = shelf(stock, catalogue.goods);
  const text = wanted.trim().toLowerCase();
  const others = text ? catalogue.goods.filter((/** @type {any} */ { name, sku }) => !stock[sku] && name.toLowerCase().includes(text)).slice(0, FOUND_MAX) : [];
  return html`<div class="stock"><${Heading} title=${STOCK.TITLE} onBack=${() => act.visit('menu')} />
    <${Notice} problem=${state.problem} />
    <label class="search"><${Sign} name="search" /><input type="search" data-test="stock-find" placeholder=${STOCK.FIND} aria-label=${STOCK.FIND}
      value=${wanted} onInput=${(/** @type {any} */ event) => setWanted(event.target.value)} autocomplete="off" /></label>
    ${!rows.length && !text && html`<div class="empty"><${Sign} name="goods" /><p>${STOCK.NONE}</p></div>
      <div class="menu-keys">${catalogue.goods.filter((/** @type {any} */ { verdict }) => verdict === 'OK').slice(0, 12).map((/** @type {any} */ good) => html`<${Pick} key=${good.sku} good=${good} onTap=${() => setChosen(good)} />`)}</div>`}
    <ul>${rows.filter(({ good }) => good.name.toLowerCase().includes(text)).map(({ good, kept, level }) => html`<li key=${good.sku} class=${level.toLowerCase()} data-test=${`stock-${good.sku}`}>
      <${Picture} good=${good} /><div><strong>${good.name}</strong><span>${STOCK.LEFT} ${shown(kept.milli)} ${unitName(good.base_unit)}</span>
      ${level !== 'FINE' && html`<span class="flag" data-test="low"><${Sign} name="warn" />${level === 'GONE' ? STOCK.GONE : STOCK.LOW}</span>`}</div>
      <${Key} test=${`stock-open-${good.sku}`} look="small" aria-label=${good.name} onTap=${() => setChosen(good)}><${Sign} name="pen" /><span>${STOCK.COUNT}</span></${Key}></li>`)}</ul>
    ${others.length > 0 && html`<h2>${STOCK.ADD}</h2><div class="menu-keys">${others.map((/** @type {any} */ good) => html`<${Pick} key=${good.sku} good=${good} onTap=${() => setChosen(good)} />`)}</div>`}
  </div>`;
}

/** @param {number} value */
const shown = (value) => (value < 0 ? `-${quantity(-value)}` : quantity(value));

/** @param {any} props */
function Pick({ good, onTap }) {
  return html`<${Key} test=${`stock-add-${good.sku}`} look="way" onTap=${onTap}><span class="drawing"><${Picture} good=${good} /></span><strong>${good.name}</strong></${Key}>`;
}

/** One good: what came, what lies there, when to warn. @param {any} props */
function Good({ good, kept, act, onBack }) {
  const [what, setWhat] = useState(kept ? 'RECEIVE' : 'COUNT');
  const [text, setText] = useState('');
  const amount = milli(text);
  const does = { RECEIVE: act.stockReceived, COUNT: act.stockCounted, LOW: act.stockLow };
  const words = { RECEIVE: STOCK.RECEIVE, COUNT: STOCK.COUNT, LOW: STOCK.LOW_AT };
  const names = /** @type {(keyof typeof words)[]} */ (kept ? ['RECEIVE', 'COUNT', 'LOW'] : ['COUNT']);
  const ready = text !== '' && amount <= STOCK_MILLI_MAX && (what !== 'RECEIVE' || amount > 0);
  return html`<div class="digits"><${Heading} title=${good.name} onBack=${onBack}><${Picture} good=${good} /></${Heading}>
    ${kept && html`<p class="lead" data-test="stock-left">${STOCK.LEFT} ${shown(kept.milli)} ${unitName(good.base_unit)}</p>`}
    <div class="chips" role="group" aria-label=${STOCK.HOW_MANY}>${names.map((name) => html`<${Key} key=${name} test=${`stock-${name}`} look=${name === what ? 'chip here' : 'chip'}
      aria-pressed=${name === what} onTap=${() => { setWhat(name); setText(''); }}>${words[name]}</${Key}>`)}</div>
    <output class="typed" data-test="typed">${text || '0'} ${unitName(good.base_unit)}</output>
    <${Keypad} corner=${COMMA} onPress=${(/** @type {string} */ key) => setText((old) => tidy(press(old, key, { digitsMax: 7, comma: true })))} />
    <${Key} test="stock-keep" look="primary" once disabled=${!ready} onTap=${() => { does[/** @type {keyof typeof does} */ (what)](good.sku, amount); onBack(); }}>${STOCK.KEEP}</${Key}></div>`;
}
