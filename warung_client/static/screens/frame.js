// What stands around every screen: shop, steps, the keys to the day's list and the way out.

import { SignalBar } from '../offline/bar.js';
import { Key, Sign } from '../parts.js';
import { html } from '../view.js';
import { ROLES, STEPS } from '../words.js';

const STEP_OF = { cart: 0, who: 1, 'who-offline': 1, agree: 2, 'agree-offline': 2, result: 3 };
/** Screens of nobody in particular. */
const OUTSIDE = new Set(['start', 'enrol']);

/** @param {any} props */
export function Frame({ state, act, strips = [], children }) {
  const here = STEP_OF[state.screen];
  const working = !OUTSIDE.has(state.screen);
  const busyHands = state.pad || state.told || (state.screen === 'who' && state.sale.way) || (state.screen === 'agree' && state.sale.asking);
  const waiting = state.outcome?.kind === 'WAITING';
  return html`<div class=${`frame ${busyHands ? 'sheet-open' : ''}`}>
    ${working && html`<header class="top">
      <div class="where"><${Sign} name="shop" />
        <div><strong data-test="shop-name">${state.shop?.name}</strong><span>${state.staff?.name || ROLES[state.staff?.role]}</span></div>
      </div>
      ${here !== undefined && html`<ol class="steps" aria-label="Langkah">
        ${STEPS.map((word, place) => html`<li class=${place === here ? 'here' : place < here ? 'done' : ''}
          aria-current=${place === here ? 'step' : undefined}>${word}</li>`)}
      </ol>`}
      <nav>
        ${state.screen === 'cart' && html`<${Key} test="today" look="quiet" onTap=${act.today}><${Sign} name="list" /><span>Hari ini</span></${Key}>
          <${Key} test="menu" look="quiet" onTap=${() => act.visit('menu')}><${Sign} name="goods" /><span>Menu</span></${Key}>`}
        ${!waiting && html`<${Key} test="leave" look="quiet" onTap=${act.leave}><${Sign} name="leave" /><span>Keluar</span></${Key}>`}
      </nav>
    </header>`}
    ${working && html`<${SignalBar} offline=${state.offline} />`}
    ${strips.map((/** @type {any} */ Strip) => html`<${Strip} state=${state} act=${act} />`)}
    <main tabindex="-1">${children}</main>
  </div>`;
}
